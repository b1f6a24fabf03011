/** Stands between a client and a service and lets requests fail as a busy service and a bad network do. */
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { freePort } from "./free-port.ts";

export interface FailingProxy {
  readonly endpoint: string;
  readonly failures: { throttled: number; cut: number };
  stop(): Promise<void>;
}

/** @param fault asked for every request */
export async function startFailingProxy(
  target: string,
  fault: (request: IncomingMessage) => "throttle" | "cut" | undefined,
): Promise<FailingProxy> {
  const failures = { throttled: 0, cut: 0 };
  const server = createServer((incoming, outgoing) => {
    const kind = fault(incoming);
    if (kind === "throttle") {
      failures.throttled++;
      incoming.resume();
      outgoing.writeHead(503, { "content-type": "application/xml" });
      outgoing.end("<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>");
    } else pass(incoming, outgoing, kind === "cut");
  });

  function pass(incoming: IncomingMessage, outgoing: ServerResponse, isCut: boolean): void {
    const onward = request(
      new URL(incoming.url ?? "/", target),
      { method: incoming.method ?? "GET", headers: { ...incoming.headers } },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        if (!isCut) return answer.pipe(outgoing);
        answer.once("data", (chunk: Buffer) => {
          failures.cut++;
          outgoing.write(chunk.subarray(0, chunk.length >> 1), () => outgoing.destroy());
        });
      },
    );
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  }

  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${port}`,
    failures,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
