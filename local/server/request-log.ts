import { isoNow } from "../../core/iso-now.ts";
import type { LogEntry } from "../../lambdas/api/operation.ts";

const FLUSH_IN_MILLISECONDS = 100;
const FLUSH_AT_LENGTH = 64 * 1024;

/**
 * JSON lines, written some at a time: a line by itself would cost as much as a score. They wait for `start`, so that they do not stand
 * in the middle of what people read when the server starts.
 */
export class RequestLog {
  readonly #write: (text: string) => void;
  #pending = "";
  #timer: NodeJS.Timeout | undefined;
  #isStarted = false;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  readonly log = (entry: LogEntry): void => {
    this.#pending += `${JSON.stringify({ time: isoNow(), ...entry })}\n`;
    if (!this.#isStarted) return;
    if (this.#pending.length > FLUSH_AT_LENGTH) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_IN_MILLISECONDS).unref();
  };

  start(): void {
    this.#isStarted = true;
    this.flush();
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#pending;
    this.#pending = "";
    if (text !== "") this.#write(text);
  }
}
