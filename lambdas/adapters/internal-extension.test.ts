import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InternalExtension, type WorkAfterAnswer } from "./internal-extension.ts";

let server: Server;
let api: string;
let requests: string[];
let answer: (path: string, response: ServerResponse) => void;
let waiting: ServerResponse | undefined;

beforeEach(async () => {
  requests = [];
  waiting = undefined;
  answer = (path, response) => {
    if (path.endsWith("/next")) waiting = response;
    else response.setHeader("lambda-extension-identifier", "id-1").end("{}");
  };
  server = createServer(async (incoming, outgoing) => {
    const { "lambda-extension-name": name, "lambda-extension-identifier": identifier } = incoming.headers;
    const body = await text(incoming);
    requests.push([incoming.method, incoming.url, name ?? identifier, body].join(" ").trim());
    answer(incoming.url ?? "", outgoing);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  api = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const asked = () => expect.poll(() => waiting).toBeDefined();
const isQuiet = () => new Promise((resolve) => setTimeout(resolve, 50));

/** A call comes, as the extension hears of it. */
function invoke(deadlineMs = 10_000): void {
  waiting?.end(JSON.stringify({ eventType: "INVOKE", deadlineMs, requestId: "1" }));
  waiting = undefined;
}

describe("registering", () => {
  it("asks for calls only, under its name", async () => {
    await InternalExtension.register("leadgauge-test", api);
    expect(requests).toEqual(['POST /2020-01-01/extension/register leadgauge-test {"events":["INVOKE"]}']);
  });

  it("fails with the reason where there is no Extensions API, or it refuses", async () => {
    const register = (at: string | undefined) => InternalExtension.register("leadgauge-test", at);
    await expect(register("")).rejects.toThrow("AWS_LAMBDA_RUNTIME_API is not set");
    await expect(register("127.0.0.1:1")).rejects.toThrow("ECONNREFUSED");
    answer = (_, response) => response.writeHead(403).end('{"errorType":"Extension.RegistrationError"}');
    await expect(register(api)).rejects.toThrow('answered 403: {"errorType":"Extension.RegistrationError"}');
    answer = (_, response) => response.end("{}");
    await expect(register(api)).rejects.toThrow("no identifier");
  });

  it("does not hold the start up for an API that hangs", async () => {
    answer = () => {};
    await expect(InternalExtension.register("leadgauge-test", api)).rejects.toThrow(/abort/i);
  });
});

describe("running", () => {
  let done: number[];
  let extension: InternalExtension;
  beforeEach(async () => {
    done = [];
    extension = await InternalExtension.register("leadgauge-test", api);
    requests = [];
  });
  const note: WorkAfterAnswer = async (deadline) => void done.push(deadline);
  const run = (work = note) => extension.run(work);

  it("works after each answer, with time to spare before the deadline, and asks for the next call then", async () => {
    run().catch(() => {});
    for (const deadline of [10_000, 20_000]) {
      await asked();
      invoke(deadline);
      await isQuiet();
      expect(requests).toHaveLength(deadline / 10_000);
      extension.answered();
    }
    await asked();
    expect(done).toEqual([9_500, 19_500]);
    expect(new Set(requests)).toEqual(new Set(["GET /2020-01-01/extension/event/next id-1"]));
  });

  it("hears of a call after it was answered as well", async () => {
    run().catch(() => {});
    await asked();
    extension.answered();
    await isQuiet();
    expect(done).toEqual([]);
    invoke();
    await asked();
    expect(done).toEqual([9_500]);
  });

  it("lets the runtime post the answer first", async () => {
    const order: string[] = [];
    run(async () => void order.push("work")).catch(() => {});
    await asked();
    invoke();
    await isQuiet();
    // What AWS's client for Node does when the handler's promise is fulfilled.
    const handler = async () => extension.answered();
    await handler();
    await new Promise((resolve) => setImmediate(resolve));
    order.push("answer");
    await asked();
    expect(order).toEqual(["answer", "work"]);
  });

  it("does not ask before the work is done", async () => {
    let finish = () => {};
    const work = new Promise<void>((resolve) => {
      finish = resolve;
    });
    run(() => work).catch(() => {});
    await asked();
    invoke();
    extension.answered();
    await isQuiet();
    expect(requests).toHaveLength(1);
    finish();
    await asked();
    expect(requests).toHaveLength(2);
  });

  it("asks again when the connection was lost, and gives up when that does not help", async () => {
    const wait = answer;
    answer = (_, response) => {
      response.destroy();
      answer = wait;
    };
    const running = run();
    running.catch(() => {});
    await asked();
    expect(requests).toHaveLength(2);
    answer = (_, response) => response.writeHead(500).end("{}");
    invoke();
    extension.answered();
    await expect(running).rejects.toThrow("answered 500");
    expect(requests).toHaveLength(5);
  });
});
