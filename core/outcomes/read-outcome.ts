/** What became of a lead, as a caller says it, checked against the model it was scored with. */
import type { Outcome } from "../ports.ts";

const DAY_IN_MILLISECONDS = 86_400_000;
const ISO_WITH_ZONE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** What the caller sent, its shape checked. */
export interface GivenOutcome {
  readonly model: string;
  readonly leadId: string;
  readonly outcome: string | number | boolean;
  readonly occurredAt: string;
  readonly value?: number | undefined;
}

/** A class of a model's target and the values that mean it. */
export interface OutcomeClass {
  readonly name: string;
  readonly values: readonly string[];
}

export interface OutcomeFault {
  readonly member: "outcome" | "occurredAt" | "value";
  readonly code: "unknown_outcome" | "invalid_timestamp" | "in_the_future" | "invalid_number";
  readonly detail: string;
}

/** The outcome as it is stored, or everything that is wrong with it. */
export function readOutcome(
  given: GivenOutcome,
  classes: readonly OutcomeClass[],
  now: Date,
): { readonly outcome: Outcome } | { readonly faults: readonly OutcomeFault[] } {
  const faults: OutcomeFault[] = [];
  const outcome = classOf(given.outcome, classes);
  if (outcome === undefined) {
    const allowed = classes.map(({ name }) => JSON.stringify(name)).join(", ");
    const detail = `It is none of the model's classes: ${allowed}.`;
    faults.push({ member: "outcome", code: "unknown_outcome", detail });
  }
  const occurredAt = instantOf(given.occurredAt);
  if (occurredAt === undefined) {
    const detail =
      "It has to be a date and time with a zone, such as 2026-01-31T09:30:00Z or 2026-01-31T09:30:00+05:30.";
    faults.push({ member: "occurredAt", code: "invalid_timestamp", detail });
  } else if (occurredAt > now.getTime() + DAY_IN_MILLISECONDS) {
    const detail = "It is more than a day ahead; only what has happened can be recorded.";
    faults.push({ member: "occurredAt", code: "in_the_future", detail });
  }
  if (given.value !== undefined && !Number.isFinite(given.value)) {
    faults.push({ member: "value", code: "invalid_number", detail: "It has to be a finite number." });
  }
  if (outcome === undefined || occurredAt === undefined || faults.length > 0) return { faults };
  const common = { model: given.model, leadId: given.leadId, outcome };
  const stored = { ...common, occurredAt: new Date(occurredAt).toISOString() };
  return { outcome: given.value === undefined ? stored : { ...stored, value: given.value } };
}

/** By name first; then by value, compared as training compares labels: trimmed and case-folded. */
function classOf(given: GivenOutcome["outcome"], classes: readonly OutcomeClass[]): string | undefined {
  const text = String(given);
  const exact = classes.find(({ name }) => name === text);
  if (exact !== undefined) return exact.name;
  const folded = fold(text);
  return classes.find(({ name, values }) => [name, ...values].some((value) => fold(value) === folded))?.name;
}

function fold(text: string): string {
  return text.trim().toLowerCase();
}

/** Milliseconds since 1970, or undefined for what is no moment of the calendar (30 February, 25 o'clock). */
function instantOf(text: string): number | undefined {
  if (!ISO_WITH_ZONE.test(text)) return undefined;
  const instant = Date.parse(text);
  if (Number.isNaN(instant)) return undefined;
  // Date.parse turns 30 February into 2 March: the day has to survive the way there and back.
  const [date = "", month = "", day = ""] = /^\d{4}-(\d{2})-(\d{2})/.exec(text) ?? [];
  const civil = new Date(`${date}T00:00:00Z`);
  const exists = civil.getUTCMonth() + 1 === Number(month) && civil.getUTCDate() === Number(day);
  return exists && civil.getUTCFullYear() >= 1 ? instant : undefined;
}
