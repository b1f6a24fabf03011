/** The thread that holds the embedded database: making and opening it takes seconds, in which the server goes on scoring. */
import { parentPort, workerData } from "node:worker_threads";
import { OutcomesUnavailable } from "../../core/ports.ts";
import type { OutcomesAnswer, OutcomesOrder } from "./outcomes-messages.ts";
import { PGliteOutcomeStore } from "./pglite-outcome-store.ts";

const store = new PGliteOutcomeStore(workerData);

parentPort?.on("message", async (order: OutcomesOrder) => {
  if (order.kind === "close") {
    await store.close();
    parentPort?.close();
    return;
  }
  parentPort?.postMessage(await answer(order));
});

async function answer({ id, outcomes }: OutcomesOrder & { kind: "record" }): Promise<OutcomesAnswer> {
  try {
    return { id, statuses: await store.record(outcomes) };
  } catch (error) {
    // Another error's message may carry what was to be recorded.
    const message =
      error instanceof OutcomesUnavailable ? error.message : "The embedded database refused to record.";
    return { id, problem: message };
  }
}
