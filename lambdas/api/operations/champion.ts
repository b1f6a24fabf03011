import type { Champion } from "../../../core/registry/champions.ts";
import type { Call } from "../operation.ts";
import { Problem } from "../problem.ts";

export const RETRY_AFTER_IN_SECONDS = "5";

/** The model that the path names, ready to score; otherwise a Problem that says why there is none. */
export async function requireChampion({ dependencies, model }: Call<unknown, unknown>): Promise<Champion> {
  const champion = await dependencies.champions.get(model);
  if (champion !== undefined) return champion;
  const statuses = dependencies.champions.statuses();
  if (statuses.length === 0 || statuses.some((status) => status.model === model)) {
    throw new Problem(
      "model-unavailable",
      "No version of the model can serve at the moment; GET /v1/health says why. Try again later.",
      {},
      { "retry-after": RETRY_AFTER_IN_SECONDS },
    );
  }
  const names = statuses.map((status) => status.model).join(", ");
  throw new Problem("unknown-model", `There is no model of this name. There is: ${names}.`);
}
