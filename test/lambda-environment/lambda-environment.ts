/**
 * One environment of Lambda: the Runtime API and the Extensions API as AWS describes them, and a process that runs a function's real bundle on them.
 * As in Lambda, the process stands still (SIGSTOP) from when runtime and extensions have all asked for their next event until there is one.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

export interface EnvironmentOptions {
  /** The path of the function's `index.mjs`. */
  readonly bundle: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly timeoutInMilliseconds: number;
  /** What becomes of the Extensions API. Default: "works". */
  readonly extensionsApi?: "works" | "is missing" | "refuses" | "breaks after the start";
}

export interface Invocation {
  readonly result: { readonly statusCode: number; readonly body: string };
  /** When the answer was posted, on the clock of `performance.now()`. */
  readonly answeredAt: number;
  /** From the event to the answer. */
  readonly answeredInMilliseconds: number;
  /** From the event until the environment was ready for another; Lambda bills this. Rejects when that takes longer than the function's time-out. */
  readonly endedInMilliseconds: Promise<number>;
}

const RUNTIME = fileURLToPath(new URL("runtime.child.ts", import.meta.url));

export class LambdaEnvironment {
  readonly #options: EnvironmentOptions;
  readonly #server: Server;
  readonly #extensions = new Set<string>();
  /** Requests for the next event that wait for one: of the runtime under "", of extensions under their identifier. */
  readonly #waiting = new Map<string, ServerResponse>();
  #child: ChildProcess | undefined;
  #output = "";
  #aheadInMilliseconds = 0;
  #hasStarted = false;
  #ready: Promise<void> = Promise.resolve();
  #onReady = () => {};
  #onAnswer = (_answer: { body: string; at: number }) => {};

  private constructor(options: EnvironmentOptions) {
    this.#options = options;
    this.#server = createServer((incoming, outgoing) => void this.#serve(incoming, outgoing));
  }

  /** Resolves when the function has started and stands still. */
  static async start(options: EnvironmentOptions): Promise<LambdaEnvironment> {
    const environment = new LambdaEnvironment(options);
    await environment.#start();
    return environment;
  }

  /** What the function logged, line by line; every line of it is JSON. */
  get log(): Record<string, unknown>[] {
    return this.#output
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line));
  }

  /** Resolves with its exit code, or the signal that ended it. */
  async ended(): Promise<number | string | null> {
    const child = this.#child as ChildProcess;
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    return child.exitCode ?? child.signalCode;
  }

  /** Puts the function's clock forward. */
  pass(milliseconds: number): void {
    this.#aheadInMilliseconds += milliseconds;
  }

  /** Waits until the call before is over. */
  async invoke(event: object): Promise<Invocation> {
    const child = this.#child as ChildProcess;
    await this.#ready;
    this.#ready = this.#becomeReady(this.#options.timeoutInMilliseconds);
    child.kill("SIGCONT");
    child.send(this.#aheadInMilliseconds);
    await Promise.race([once(child, "message"), this.#ready]);
    const answered = new Promise<{ body: string; at: number }>((resolve) => {
      this.#onAnswer = resolve;
    });
    const startedAt = performance.now();
    const requestId = randomUUID();
    const deadlineMs = Date.now() + this.#aheadInMilliseconds + this.#options.timeoutInMilliseconds;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const [asker, response] of waiting) {
      response.setHeader("content-type", "application/json");
      response.setHeader("lambda-runtime-aws-request-id", requestId);
      response.setHeader("lambda-runtime-deadline-ms", String(deadlineMs));
      const forExtension = {
        eventType: "INVOKE",
        deadlineMs,
        requestId,
        invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:test",
        tracing: { type: "X-Amzn-Trace-Id", value: "Root=1-5f35ae12-0c0fec141ab77a00bc047aa2" },
      };
      response.end(JSON.stringify(asker === "" ? event : forExtension));
    }
    const endedInMilliseconds = this.#ready.then(() => performance.now() - startedAt);
    endedInMilliseconds.catch(() => {});
    const { body, at } = await Promise.race([answered, this.#ready.then(() => answered)]);
    const answeredInMilliseconds = at - startedAt;
    return { result: JSON.parse(body), answeredAt: at, answeredInMilliseconds, endedInMilliseconds };
  }

  async stop(): Promise<void> {
    const child = this.#child as ChildProcess;
    child.kill("SIGKILL");
    await this.ended();
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #start(): Promise<void> {
    await once(this.#server.listen(0, "127.0.0.1"), "listening");
    const { port } = this.#server.address() as AddressInfo;
    this.#ready = this.#becomeReady(30_000);
    const { bundle, variables } = this.#options;
    const child = spawn(process.execPath, [RUNTIME, bundle], {
      env: { PATH: process.env.PATH, ...variables, AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}` },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (chunk: string) => {
        this.#output += chunk;
      });
    }
    const ended = once(child, "exit").then(([code]) => {
      if (this.#hasStarted) return;
      throw new Error(`The function ended with ${code} while it started:\n${this.#output}`);
    });
    ended.catch(() => {});
    await Promise.race([this.#ready, ended]);
    this.#hasStarted = true;
  }

  /** Resolves when everybody has asked for the next event and the process stands still. */
  #becomeReady(timeoutInMilliseconds: number): Promise<void> {
    const ready = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`Timed out after ${timeoutInMilliseconds} ms.\n${this.#output}`)),
        timeoutInMilliseconds,
      );
      this.#onReady = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    // Who waits for it hears of it; a call may be the last one.
    ready.catch(() => {});
    return ready;
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const at = performance.now();
    const body = await text(incoming);
    const { extensionsApi = "works" } = this.#options;
    const path = `${incoming.method} ${incoming.url}`;
    if (path === "GET /2018-06-01/runtime/invocation/next") return this.#park("", outgoing);
    if (/^POST \/2018-06-01\/runtime\/invocation\/[^/]+\/response$/.test(path)) {
      this.#onAnswer({ body, at });
      return void outgoing.writeHead(202).end();
    }
    if (path.includes("/extension/") && extensionsApi !== "is missing") {
      if (path === "POST /2020-01-01/extension/register") {
        // Internal extensions register before the runtime asks for its first call, and not for SHUTDOWN.
        const isAllowed = !this.#waiting.has("") && !body.includes("SHUTDOWN") && extensionsApi !== "refuses";
        const identifier = randomUUID();
        if (!incoming.headers["lambda-extension-name"] || !isAllowed) {
          return fail(outgoing, 403, "Extension.RegistrationError");
        }
        this.#extensions.add(identifier);
        outgoing.setHeader("lambda-extension-identifier", identifier);
        return void outgoing.end(
          '{"functionName":"test","functionVersion":"$LATEST","handler":"index.handler"}',
        );
      }
      if (path === "GET /2020-01-01/extension/event/next") {
        const identifier = String(incoming.headers["lambda-extension-identifier"]);
        if (!this.#extensions.has(identifier)) return fail(outgoing, 403, "Extension.UnknownIdentifier");
        if (this.#hasStarted && extensionsApi === "breaks after the start") {
          return fail(outgoing, 500, "Container.Error");
        }
        return this.#park(identifier, outgoing);
      }
    }
    fail(outgoing, 404, "NotFound");
  }

  #park(asker: string, response: ServerResponse): void {
    this.#waiting.set(asker, response);
    if (this.#waiting.size <= this.#extensions.size) return;
    this.#child?.kill("SIGSTOP");
    this.#onReady();
  }
}

function fail(response: ServerResponse, status: number, errorType: string): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ errorType, errorMessage: "no" }));
}
