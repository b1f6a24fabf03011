/** A drop's way through the three functions of batch scoring, as the state machine leads it. */
import type { BatchPorts, BatchSettings } from "../core/batch/parts/batch-ports.ts";
import { type FinishOutcome, finishDrop, scoreDropPart } from "../core/batch/parts/finish-drop.ts";
import { type DropRequest, type PlanOutcome, planDrop } from "../core/batch/parts/plan-drop.ts";
import { ObjectChanged } from "../core/ports.ts";

export class FunctionDied extends Error {
  override readonly name = "FunctionDied";
}

export async function runBatch(
  request: DropRequest,
  ports: BatchPorts,
  settings: BatchSettings,
  /** Told of each part before it is scored; a part for which it throws FunctionDied is left out. */
  beforePart: (part: number) => void = () => {},
): Promise<PlanOutcome | FinishOutcome> {
  const plan = await planDrop(request, ports, settings);
  if (plan.outcome === "parts") {
    const stored = await ports.store.get(plan.pending);
    for (const part of JSON.parse(new TextDecoder().decode(stored?.body)) as number[]) {
      try {
        beforePart(part);
        await scoreDropPart(plan.drop, part, ports);
      } catch (error) {
        if (!(error instanceof FunctionDied || error instanceof ObjectChanged)) throw error;
      }
    }
  }
  const end = "again" in plan ? await finishDrop(plan.drop, ports, plan) : plan;
  return end.outcome === "again" ? runBatch({ key: end.key, again: true }, ports, settings, beforePart) : end;
}
