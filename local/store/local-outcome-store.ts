import { Worker } from "node:worker_threads";
import {
  type Outcome,
  type OutcomeStatus,
  type OutcomeStore,
  OutcomesUnavailable,
} from "../../core/ports.ts";
import { workerUrl } from "../files/worker-url.ts";
import type { OutcomesAnswer, OutcomesOrder } from "./outcomes-messages.ts";
import type { WarehouseLocation } from "./warehouse.ts";

type Waiting = { resolve(statuses: readonly OutcomeStatus[]): void; reject(error: Error): void };

/** Outcomes in the embedded database, in a thread of its own that starts with the first outcome. */
export class LocalOutcomeStore implements OutcomeStore {
  readonly #location: WarehouseLocation;
  #worker: Worker | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  constructor(location: WarehouseLocation) {
    this.#location = location;
  }

  record(outcomes: readonly Outcome[]): Promise<readonly OutcomeStatus[]> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send({ kind: "record", id, outcomes });
    });
  }

  /** Resolves when the database is closed and its files are complete. */
  async close(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    const ended = new Promise((resolve) => worker.once("exit", resolve));
    this.#send({ kind: "close" });
    await ended;
  }

  #send(order: OutcomesOrder): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(order);
  }

  #start(): Worker {
    const worker = new Worker(workerUrl(import.meta.url, "outcomes"), { workerData: this.#location });
    worker.on("message", (answer: OutcomesAnswer) => this.#settle(answer));
    worker.on("error", (error) => this.#fail(`The embedded database stopped: ${error.message}`));
    worker.on("exit", () => this.#fail("The embedded database was closed."));
    return worker;
  }

  #settle(answer: OutcomesAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ("statuses" in answer) waiting?.resolve(answer.statuses);
    else waiting?.reject(new OutcomesUnavailable(answer.problem));
  }

  /** The next outcome starts another thread. */
  #fail(problem: string): void {
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(new OutcomesUnavailable(problem));
    this.#waiting.clear();
  }
}
