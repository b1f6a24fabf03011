import { createHash } from "node:crypto";
import {
  ConditionFailed,
  type ObjectStore,
  type Outcome,
  type OutcomeStatus,
  type OutcomeStore,
} from "../../core/ports.ts";

const PARALLEL_WRITES = 32;

/**
 * Outcomes as objects that are only ever added: `outcomes/{model}/{yyyy}/{mm}/{dd}/{hash}.json`, by the day they occurred on.
 * The name is the hash of the content, so an outcome that is sent again finds itself there. Which one of a lead
 * counts is decided where they are read.
 */
export class ObjectOutcomeStore implements OutcomeStore {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  async record(outcomes: readonly Outcome[]): Promise<readonly OutcomeStatus[]> {
    const statuses = new Array<OutcomeStatus>(outcomes.length);
    let next = 0;
    const worker = async () => {
      while (next < outcomes.length) {
        const index = next++;
        statuses[index] = await this.#recordOne(outcomes[index] as Outcome);
      }
    };
    await Promise.all(Array.from({ length: PARALLEL_WRITES }, worker));
    return statuses;
  }

  async #recordOne({ model, leadId, outcome, occurredAt, value }: Outcome): Promise<OutcomeStatus> {
    const text = `${JSON.stringify({ leadId, model, occurredAt, outcome, value })}\n`;
    const hash = createHash("sha256").update(text).digest("hex");
    const [year, month, day] = new Date(occurredAt).toISOString().slice(0, 10).split("-");
    const key = `outcomes/${model}/${year}/${month}/${day}/${hash}.json`;
    try {
      await this.#store.put(key, new TextEncoder().encode(text), { ifNoneMatch: "*" });
      return "recorded";
    } catch (error) {
      if (error instanceof ConditionFailed) return "unchanged";
      throw error;
    }
  }
}
