import { Worker } from "node:worker_threads";
import type { BlockResult } from "../../core/batch/block-result.ts";
import type { Block } from "../../core/batch/blocks.ts";
import { FileError } from "../../core/batch/file-error.ts";
import type { ScorerSetup, ScoringCrew, SoloCrew } from "../../core/batch/scoring-crew.ts";
import type { CrewAnswer, CrewRequest, CrewWorkerData } from "./crew-messages.ts";
import { workerUrl } from "./worker-url.ts";

/** A block leaves little behind: a small nursery costs no time, and saves tens of megabytes a thread. */
const resourceLimits = { maxYoungGenerationSizeMb: 4 };

/** What a thread has under way: one block being scored and one waiting keep it busy. */
const blocksPerThread = 2;

/** Scores blocks in this thread and in others, each with a model of its own. */
export class WorkerCrew implements ScoringCrew {
  readonly model: ScoringCrew["model"];
  readonly blocksAtOnce: number;
  readonly #here: SoloCrew;
  readonly #threads: readonly CrewThread[];

  private constructor(here: SoloCrew, threads: readonly CrewThread[]) {
    this.#here = here;
    this.#threads = threads;
    this.model = here.model;
    this.blocksAtOnce = threads.length * blocksPerThread + 1;
  }

  /**
   * @param packageDirectory of the model that `here` has
   * @param threadCount threads besides this one
   */
  static async start(here: SoloCrew, packageDirectory: string, threadCount: number): Promise<WorkerCrew> {
    const threads = Array.from({ length: threadCount }, () => new CrewThread({ packageDirectory }));
    try {
      await Promise.all(threads.map((thread) => thread.ready));
      return new WorkerCrew(here, threads);
    } catch (error) {
      await Promise.all(threads.map((thread) => thread.stop()));
      throw error;
    }
  }

  async open(setup: ScorerSetup): Promise<void> {
    await this.#here.open(setup);
    await Promise.all(this.#threads.map((thread) => thread.ask((id) => ({ kind: "open", id, setup }))));
  }

  /** Other threads come first; what is too much for them is scored here, while they work. */
  async score(block: Block): Promise<BlockResult> {
    const idlest = this.#threads.reduce((least, other) => (other.waiting < least.waiting ? other : least));
    if (idlest.waiting >= blocksPerThread) return this.#here.score(block);
    const answer = await idlest.ask(
      (id) => ({ kind: "score", id, block }),
      [block.bytes.buffer as ArrayBuffer],
    );
    if (answer.kind !== "scored") throw new Error(`A thread answered a block with "${answer.kind}".`);
    return answer.result;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.stop()));
  }
}

interface Waiting {
  readonly resolve: (answer: CrewAnswer) => void;
  readonly reject: (error: Error) => void;
}

class CrewThread {
  readonly ready: Promise<{ name: string; version: string }>;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;

  constructor(workerData: CrewWorkerData) {
    this.#worker = new Worker(workerUrl(import.meta.url, "crew"), { workerData, resourceLimits });
    this.ready = new Promise((resolve, reject) => {
      this.#worker.on("message", (answer: CrewAnswer) => {
        if (answer.kind === "ready") resolve(answer.model);
        else if (answer.kind === "refused") reject(new FileError("unusable_model", answer.message));
        else this.#settle(answer);
      });
      const fail = (error: Error) => {
        reject(error);
        for (const waiting of this.#waiting.values()) waiting.reject(error);
        this.#waiting.clear();
      };
      this.#worker.on("error", (error) => fail(error instanceof Error ? error : new Error(String(error))));
      this.#worker.on("exit", () => fail(new Error("A scoring thread ended before its work was done.")));
    });
  }

  /** How many answers are outstanding. */
  get waiting(): number {
    return this.#waiting.size;
  }

  ask(request: (id: number) => CrewRequest, transfer: ArrayBuffer[] = []): Promise<CrewAnswer> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage(request(id), transfer);
    });
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(answer: Exclude<CrewAnswer, { kind: "ready" | "refused" }>): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.kind !== "failed") waiting?.resolve(answer);
    else
      waiting?.reject(answer.code ? new FileError(answer.code, answer.message) : new Error(answer.message));
  }
}
