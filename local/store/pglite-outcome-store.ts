import type { Transaction } from "@electric-sql/pglite";
import {
  type Outcome,
  type OutcomeStatus,
  type OutcomeStore,
  OutcomesUnavailable,
} from "../../core/ports.ts";
import { openWarehouse, type Warehouse, type WarehouseLocation } from "./warehouse.ts";

/** Outcomes in the embedded database, which is opened when the first one arrives. */
export class PGliteOutcomeStore implements OutcomeStore {
  readonly #location: WarehouseLocation;
  #warehouse: Promise<Warehouse> | undefined;

  constructor(location: WarehouseLocation) {
    this.#location = location;
  }

  async record(outcomes: readonly Outcome[]): Promise<readonly OutcomeStatus[]> {
    const { database } = await this.#open();
    return database.transaction(async (transaction) => {
      const statuses: OutcomeStatus[] = [];
      for (const outcome of outcomes) statuses.push(await recordOne(transaction, outcome));
      return statuses;
    });
  }

  async close(): Promise<void> {
    const warehouse = await this.#warehouse?.catch(() => undefined);
    this.#warehouse = undefined;
    await warehouse?.close();
  }

  #open(): Promise<Warehouse> {
    this.#warehouse ??= openWarehouse(this.#location).catch((error) => {
      this.#warehouse = undefined;
      if (error instanceof OutcomesUnavailable) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new OutcomesUnavailable(
        `The embedded database in ${this.#location.directory} does not open: ${reason}`,
      );
    });
    return this.#warehouse;
  }
}

interface OutcomeRow {
  outcome: string;
  occurred_at: Date;
  value: number | null;
}

async function recordOne(transaction: Transaction, given: Outcome): Promise<OutcomeStatus> {
  const { model, leadId, outcome, occurredAt, value = null } = given;
  const { rows } = await transaction.query<OutcomeRow>(
    "SELECT outcome, occurred_at, value FROM outcomes WHERE model = $1 AND lead_id = $2",
    [model, leadId],
  );
  const known = rows[0];
  if (known === undefined) {
    await transaction.query(
      "INSERT INTO outcomes (model, lead_id, outcome, occurred_at, value, received_at) VALUES ($1, $2, $3, $4, $5, now())",
      [model, leadId, outcome, occurredAt, value],
    );
    return "recorded";
  }
  const later = new Date(occurredAt).getTime() - known.occurred_at.getTime();
  if (later === 0 && known.outcome === outcome && known.value === value) return "unchanged";
  if (later < 0) return "superseded";
  await transaction.query(
    "UPDATE outcomes SET outcome = $3, occurred_at = $4, value = $5, received_at = now() WHERE model = $1 AND lead_id = $2",
    [model, leadId, outcome, occurredAt, value],
  );
  return "updated";
}
