/** A thread of a crew: loads the model for itself, then scores the blocks it is given. */
import { parentPort, workerData } from "node:worker_threads";
import { FileError } from "../../core/batch/file-error.ts";
import type { RowScorer } from "../../core/batch/row-scorer.ts";
import { createScorer } from "../../core/batch/scoring-crew.ts";
import { loadPackage } from "../../core/package/load.ts";
import type { CrewAnswer, CrewRequest, CrewWorkerData } from "./crew-messages.ts";
import { packageDirectory } from "./package-directory.ts";

const port = parentPort;
if (!port) throw new Error("This file is a worker thread.");
const answer = (message: CrewAnswer, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

try {
  const data = workerData as CrewWorkerData;
  // Who started this thread has checked many; one tells whether this thread computes alike.
  const model = await loadPackage(packageDirectory(data.packageDirectory), { goldenRows: 1 });
  let scorer: RowScorer | undefined;
  port.on("message", (request: CrewRequest) => {
    const { id } = request;
    try {
      if (request.kind === "open") {
        scorer = createScorer(model, request.setup);
        answer({ kind: "opened", id });
      } else {
        if (!scorer) throw new Error("A file is opened before its blocks are scored.");
        const result = scorer.score(request.block);
        answer({ kind: "scored", id, result }, [result.output.buffer as ArrayBuffer]);
      }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      answer({ kind: "failed", id, message, ...(error instanceof FileError && { code: error.code }) });
    }
  });
  answer({ kind: "ready", model: { name: model.name, version: model.version } });
} catch (error) {
  answer({ kind: "refused", message: error instanceof Error ? error.message : String(error) });
}
