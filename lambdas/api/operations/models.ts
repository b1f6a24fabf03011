import { PackageError } from "../../../core/package/package-error.ts";
import type { Champion } from "../../../core/registry/champions.ts";
import { readCard, readExampleLead } from "../../../core/registry/package-documents.ts";
import { inputJsonSchema } from "../../../core/spec/input-schema.ts";
import { jsonReply, operation } from "../operation.ts";
import { Problem } from "../problem.ts";
import { RETRY_AFTER_IN_SECONDS, requireChampion } from "./champion.ts";

/** As long as it may take until another version is noticed here. */
const CACHE_HEADERS = { "cache-control": "private, max-age=30" };

export const listModels = operation({
  id: "listModels",
  method: "GET",
  path: "/v1/models",
  tag: "Models",
  summary: "The models that are served",
  description: "Each with its version, classes and tiers.",
  answers: [{ status: 200, description: "By name.", schema: "modelList" }],
  problems: [],
  async answer({ dependencies: { champions } }) {
    await champions.start();
    const served = champions.statuses().flatMap(({ champion }) => champion ?? []);
    return jsonReply({ models: served.map(summaryOf) }, 200, CACHE_HEADERS);
  },
});

export const getModel = operation({
  id: "getModel",
  method: "GET",
  path: "/v1/models/{model}",
  tag: "Models",
  summary: "One model",
  description:
    "Its card, its metrics on the hold-out, its tiers, the JSON Schema of a lead's fields, and a lead to try it with.",
  answers: [{ status: 200, description: "The version that serves.", schema: "modelDetail" }],
  problems: ["unknown-model", "model-unavailable"],
  async answer(call) {
    const champion = await requireChampion(call);
    const { store } = call.dependencies;
    const { manifest, spec, serving } = champion.model;
    const [card, exampleLead] = await Promise.all([
      readCard(store, champion.model),
      readExampleLead(store, champion.model),
    ]).catch((error) => {
      if (!(error instanceof PackageError)) throw error;
      const damage = `${error.message} It was damaged since it was loaded, and goes on scoring; register it again.`;
      throw new Problem("model-unavailable", damage, {}, { "retry-after": RETRY_AFTER_IN_SECONDS });
    });
    const detail = {
      ...summaryOf(champion),
      family: manifest.family,
      moment: manifest.moment,
      explanationUnit: serving.explanation.unit,
      metrics: manifest.metrics,
      metricsNote: manifest.metricsNote,
      card,
      inputSchema: inputJsonSchema(spec),
      exampleLead,
    };
    return jsonReply(detail, 200, CACHE_HEADERS);
  },
});

function summaryOf({ model, number, registeredAt }: Champion) {
  const { spec, serving } = model;
  return {
    name: model.name,
    title: model.title,
    version: model.version,
    number,
    task: serving.task,
    classes: spec.target.classes.map(({ name, label = name }) => ({ name, label })),
    tiers: serving.tiers.map((tier) => ({
      name: tier.name,
      action: tier.action,
      class: "class" in tier ? tier.class : undefined,
      minimumProbability: tier.minimumProbability,
    })),
    noReasons: model.noReasons,
    registeredAt,
  };
}
