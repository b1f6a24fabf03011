/**
 * Time between an answer and the next call. Lambda passes an answer on as soon as the runtime has posted it, but freezes the environment only when
 * the runtime and all registered extensions have asked for their next event. So this process registers as an extension of its own, and asks
 * when its work is done. See https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html.
 */
import { Agent, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";

const REGISTRATION_IN_MILLISECONDS = 1_000;
const ATTEMPTS = 3;
/** The function's time-out includes the extension's work. */
const RESERVE_IN_MILLISECONDS = 500;

/** Work to be done by `deadline`, in milliseconds since 1970. */
export type WorkAfterAnswer = (deadline: number) => Promise<void>;

export class InternalExtension {
  readonly #api: string;
  readonly #agent: Agent;
  readonly #identifier: string;
  #answered = signal();

  private constructor(api: string, agent: Agent, identifier: string) {
    this.#api = api;
    this.#agent = agent;
    this.#identifier = identifier;
  }

  /**
   * Has to be called while the function starts; afterwards Lambda waits for `run`.
   * @param name unique among the function's extensions
   * @param api where the Runtime API listens, as Lambda gives it in AWS_LAMBDA_RUNTIME_API
   * @throws Error with the reason when there is no such API, or when it refuses
   */
  static async register(name: string, api = process.env.AWS_LAMBDA_RUNTIME_API): Promise<InternalExtension> {
    if (!api) throw new Error("AWS_LAMBDA_RUNTIME_API is not set.");
    // Without a time-out: the environment may be frozen for hours between two events.
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const answer = await call(api, "POST", "register", {
      agent,
      headers: { "lambda-extension-name": name, "content-type": "application/json" },
      body: '{"events":["INVOKE"]}',
      signal: AbortSignal.timeout(REGISTRATION_IN_MILLISECONDS),
    });
    const identifier = answer.headers["lambda-extension-identifier"];
    if (typeof identifier !== "string") throw new Error("The Extensions API gave no identifier.");
    return new InternalExtension(api, agent, identifier);
  }

  /** The function's handler is done, and the runtime is about to post its answer. Has to be called once a call, whatever became of it. */
  answered(): void {
    this.#answered.give();
  }

  /**
   * Does `work`, which must not reject, after every answer from now on. Has to be called when the function has started: Lambda sends it no call before.
   * @returns only by rejecting, when Lambda can't be asked any more; it would wait for this process in vain
   */
  async run(work: WorkAfterAnswer): Promise<never> {
    for (;;) {
      const deadline = await this.#nextEvent();
      await this.#answered.given;
      this.#answered = signal();
      // The runtime posts the answer in the turn of the event loop after the one that made it.
      await nextTurn();
      await nextTurn();
      await work(deadline - RESERVE_IN_MILLISECONDS);
    }
  }

  /** Resolves with the deadline of a call when one has come. */
  async #nextEvent(): Promise<number> {
    const headers = { "lambda-extension-identifier": this.#identifier };
    for (let attempt = 1; ; attempt++) {
      try {
        const event = await call(this.#api, "GET", "event/next", { agent: this.#agent, headers });
        return (JSON.parse(event.body) as { deadlineMs: number }).deadlineMs;
      } catch (error) {
        // A connection that was kept open may be closed by now.
        if (attempt === ATTEMPTS) throw error;
      }
    }
  }
}

interface Call {
  readonly agent: Agent;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** One call of the API. It throws for every status but 200. */
async function call(
  api: string,
  method: "GET" | "POST",
  path: string,
  { body, ...options }: Call,
): Promise<{ headers: IncomingMessage["headers"]; body: string }> {
  const url = `http://${api}/2020-01-01/extension/${path}`;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { method, ...options }, resolve)
      .on("error", reject)
      .end(body);
  });
  const received = await text(answer);
  if (answer.statusCode !== 200) {
    throw new Error(`The Extensions API answered ${answer.statusCode}: ${received.slice(0, 200)}`);
  }
  return { headers: answer.headers, body: received };
}

/** Something that one side waits for and the other gives, in any order. */
function signal(): { readonly given: Promise<void>; give(): void } {
  let give = () => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
