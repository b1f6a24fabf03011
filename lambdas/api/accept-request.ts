/**
 * Quick checks of what comes most, without the schemas, which take longer to load than a model. They take only what the schemas take,
 * which a test compares; of anything else they say nothing, and the schemas tell what is wrong with it.
 */
import { isObject } from "../../core/json/is-object.ts";
import type { RawLead } from "../../core/scoring/result.ts";
import type { ApiRequest } from "./gateway.ts";
import { LEAD_ID, MAXIMUM_LEADS_PER_BATCH, MAXIMUM_REASONS } from "./limits.ts";

export interface LeadBody {
  readonly leadId?: string | null | undefined;
  readonly fields: RawLead;
}

export function acceptLead(value: unknown): LeadBody | undefined {
  if (!isObject(value)) return undefined;
  for (const name in value) if (name !== "leadId" && name !== "fields") return undefined;
  const { leadId, fields } = value;
  if (leadId !== undefined && leadId !== null && !(typeof leadId === "string" && LEAD_ID.test(leadId))) {
    return undefined;
  }
  if (!isObject(fields)) return undefined;
  for (const name in fields) {
    const member = fields[name];
    if (typeof member === "object" && member !== null) return undefined;
  }
  return value as unknown as LeadBody;
}

/** Of its leads nothing is said: each is checked by itself. */
export function acceptBatch(value: unknown): { readonly leads: unknown[] } | undefined {
  if (!isObject(value)) return undefined;
  for (const name in value) if (name !== "leads") return undefined;
  const { leads } = value;
  if (!Array.isArray(leads) || leads.length === 0 || leads.length > MAXIMUM_LEADS_PER_BATCH) return undefined;
  return { leads };
}

export function acceptReasons(query: ApiRequest["query"]): { readonly reasons: number } | undefined {
  for (const name in query) if (name !== "reasons") return undefined;
  const given = query.reasons;
  if (given === undefined) return { reasons: 0 };
  const [text = ""] = given;
  if (given.length !== 1 || !/^\d{1,2}$/.test(text)) return undefined;
  const reasons = Number(text);
  return reasons <= MAXIMUM_REASONS ? { reasons } : undefined;
}
