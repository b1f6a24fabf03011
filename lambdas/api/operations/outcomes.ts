import { readOutcome } from "../../../core/outcomes/read-outcome.ts";
import { type Outcome, type OutcomeStatus, OutcomesUnavailable } from "../../../core/ports.ts";
import { LogEvent } from "../../log-events.ts";
import { type Call, jsonReply, operation } from "../operation.ts";
import { Problem, type ProblemDetail, pointerTo } from "../problem.ts";
import { detailsOf } from "../read-request.ts";
import { leadIdOf } from "./score.ts";

type Result =
  | { index: number; leadId: string; status: OutcomeStatus }
  | { index: number; leadId: string | null; status: "rejected"; errors: readonly ProblemDetail[] };

export const recordOutcomes = operation({
  id: "recordOutcomes",
  method: "POST",
  path: "/v1/outcomes",
  tag: "Outcomes",
  summary: "Tell what became of leads",
  description:
    "The same outcome may be sent any number of times. Of several outcomes of one lead, the one that occurred last counts. An outcome that cannot be used is rejected by itself.",
  body: "outcomes",
  answers: [{ status: 200, description: "One result an outcome, in order.", schema: "outcomesResult" }],
  problems: ["invalid-request", "outcomes-unavailable"],
  async answer(call) {
    const now = new Date();
    const given = await Promise.all(
      call.body.outcomes.map((outcome, index) => read(call, outcome, index, now)),
    );
    const accepted = given.flatMap((entry) => ("outcome" in entry ? entry.outcome : []));
    const statuses = accepted.length === 0 ? [] : await record(call, accepted);
    let next = 0;
    const results = given.map((entry, index): Result => {
      if (!("outcome" in entry)) return entry;
      const status = statuses[next++];
      if (status === undefined)
        throw new Error("The outcome store answered for fewer outcomes than it was given.");
      return { index, leadId: entry.outcome.leadId, status };
    });
    return jsonReply({ results, summary: summaryOf(results), requestId: call.requestId });
  },
});

type OutcomesCall = Call<unknown, unknown>;

async function read(call: OutcomesCall, given: unknown, index: number, now: Date) {
  const rejected = (errors: readonly ProblemDetail[]) =>
    ({ index, leadId: leadIdOf(given), status: "rejected", errors }) as const;
  const schemas = await import("../schemas.ts");
  const parsed = schemas.outcome.safeParse(given);
  if (!parsed.success) return rejected(detailsOf(parsed.error, "outcomes", index));
  const champion = await call.dependencies.champions.get(parsed.data.model);
  if (champion === undefined) {
    const detail = "There is no model of this name; GET /v1/models lists them.";
    return rejected([{ pointer: pointerTo("outcomes", index, "model"), code: "unknown_model", detail }]);
  }
  const result = readOutcome(parsed.data, champion.model.spec.target.classes, now);
  if ("outcome" in result) return result;
  return rejected(
    result.faults.map(({ member, code, detail }) => ({
      pointer: pointerTo("outcomes", index, member),
      code,
      detail,
    })),
  );
}

async function record(call: OutcomesCall, outcomes: readonly Outcome[]): Promise<readonly OutcomeStatus[]> {
  try {
    return await call.dependencies.outcomes.record(outcomes);
  } catch (error) {
    call.dependencies.log({
      message: LogEvent.outcomesFailed,
      level: "error",
      requestId: call.requestId,
      // Another error's message may carry what the caller sent.
      error: error instanceof OutcomesUnavailable ? error.message : nameOf(error),
    });
    const detail = "Nothing of this call was lost on your side: send it again later.";
    throw new Problem("outcomes-unavailable", detail, {}, { "retry-after": "10" });
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown";
}

function summaryOf(results: readonly Result[]) {
  const summary = {
    outcomes: results.length,
    recorded: 0,
    unchanged: 0,
    updated: 0,
    superseded: 0,
    rejected: 0,
  };
  for (const { status } of results) summary[status]++;
  return summary;
}
