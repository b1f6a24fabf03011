import type { Operation } from "../operation.ts";
import { getDocs, getOpenApi, getPage } from "./documents.ts";
import { getHealth } from "./health.ts";
import { getModel, listModels } from "./models.ts";
import { recordOutcomes } from "./outcomes.ts";
import { scoreBatch, scoreLead } from "./score.ts";

/** The whole API: what is routed, validated and documented. */
export const operations: readonly Operation[] = [
  scoreLead,
  scoreBatch,
  listModels,
  getModel,
  recordOutcomes,
  getHealth,
  getOpenApi(() => operations),
  getPage,
  getDocs,
];
