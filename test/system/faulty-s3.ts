/** Stands before the emulator's S3 and breaks as it is told. */
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type S3Fault = "throttles" | "hangs" | "refuses" | "credentials expired" | "hangs up";

const ERRORS = {
  throttles: [503, "SlowDown"],
  refuses: [403, "AccessDenied"],
  "credentials expired": [400, "ExpiredToken"],
} as const;

export class FaultyS3 {
  mode: S3Fault | "well" = "well";
  /** How long every answer is held back. */
  delayInMilliseconds = 0;
  /** When requests came, on the clock of `performance.now()`. */
  readonly requestedAt: number[] = [];
  readonly #target: string;
  readonly #server: Server;

  constructor(target: string) {
    this.#target = target;
    this.#server = createServer((incoming, outgoing) => {
      this.requestedAt.push(performance.now());
      setTimeout(() => this.#answer(incoming, outgoing), this.delayInMilliseconds);
    }).listen(0, "127.0.0.1");
  }

  async endpoint(): Promise<string> {
    if (!this.#server.listening) await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { mode } = this;
    if (mode === "hangs") return;
    if (mode === "hangs up") return void incoming.socket.destroy();
    if (mode !== "well") {
      const [status, code] = ERRORS[mode];
      outgoing.writeHead(status, { "content-type": "application/xml" });
      return void outgoing.end(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`);
    }
    const { hostname, port } = new URL(this.#target);
    const { method, url, headers } = incoming;
    const forwarded = request({ hostname, port, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.destroy());
    incoming.pipe(forwarded);
  }
}
