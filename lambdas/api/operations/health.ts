import type { ModelStatus } from "../../../core/registry/champions.ts";
import { jsonReply, operation } from "../operation.ts";

export const getHealth = operation({
  id: "getHealth",
  method: "GET",
  path: "/v1/health",
  tag: "Service",
  summary: "Whether models are served",
  description: "`degraded`: something is wrong, but at least one model is served. `unavailable`: none is.",
  answers: [
    { status: 200, description: "At least one model is served.", schema: "health" },
    { status: 503, description: "No model is served.", schema: "health" },
  ],
  problems: [],
  async answer({ dependencies }) {
    await dependencies.champions.start();
    const statuses = dependencies.champions.statuses();
    const models = statuses.map(statusOf);
    const serving = models.filter((model) => model.version !== null);
    if (serving.length === 0)
      return jsonReply({ status: "unavailable", models }, 503, { "retry-after": "5" });
    const isWell = models.every((model) => model.status === "ok");
    return jsonReply({ status: isWell ? "ok" : "degraded", models });
  },
});

function statusOf({ model, champion, problem }: ModelStatus) {
  if (champion === undefined) return { model, status: "unavailable", version: null, problem };
  return {
    model,
    status: problem === undefined ? "ok" : "degraded",
    version: champion.model.version,
    problem,
  };
}
