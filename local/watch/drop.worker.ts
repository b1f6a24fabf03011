/** Scores one drop, away from the thread that answers requests. */
import { parentPort, workerData } from "node:worker_threads";
import type { DropAnswer, DropOrder } from "./drop-messages.ts";
import { scoreOrder } from "./score-order.ts";

const answer = (message: DropAnswer) => parentPort?.postMessage(message);

try {
  answer({ kind: "done", manifest: await scoreOrder(workerData as DropOrder) });
} catch (error) {
  answer({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
}
