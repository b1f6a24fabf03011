import { type Profiler, Session } from "node:inspector";

/** Tells whether code ran that had not run before, by V8's own block coverage of this thread. */
export class BlockCoverage {
  readonly #session = new Session();
  readonly #isWatched: (url: string) => boolean;
  /** By function: the characters of its source that have run. */
  readonly #covered = new Map<string, Uint8Array>();

  constructor(isWatched: (url: string) => boolean) {
    this.#isWatched = isWatched;
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.startPreciseCoverage", { callCount: false, detailed: true });
  }

  /** Since the last call. `keeps`: what is new counts as known from now on. */
  hasGrown(keeps: boolean): boolean {
    let hasGrown = false;
    this.#session.post("Profiler.takePreciseCoverage", (error, report) => {
      if (error) throw error;
      for (const { url, functions } of report.result) {
        if (!this.#isWatched(url)) continue;
        for (const each of functions) hasGrown = this.#hasNew(url, each, keeps) || hasGrown;
      }
    });
    return hasGrown;
  }

  close(): void {
    this.#session.disconnect();
  }

  #hasNew(url: string, { ranges }: Profiler.FunctionCoverage, keeps: boolean): boolean {
    const [whole] = ranges;
    if (!whole || whole.count === 0) return false;
    const { startOffset, endOffset } = whole;
    const key = `${url} ${startOffset} ${endOffset}`;
    const known = this.#covered.get(key);
    // Inner ranges follow the outer ones that they are taken out of.
    const ran = new Uint8Array(endOffset - startOffset);
    for (const { startOffset: from, endOffset: to, count } of ranges) {
      ran.fill(count > 0 ? 1 : 0, from - startOffset, to - startOffset);
    }
    const isNew = known === undefined || ran.some((each, at) => each > (known[at] as number));
    if (isNew && keeps) {
      this.#covered.set(
        key,
        ran.map((each, at) => each | (known?.[at] ?? 0)),
      );
    }
    return isNew;
  }
}
