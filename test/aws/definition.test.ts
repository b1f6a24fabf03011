/** What the evidence says of the state machine is what its definition does. */
import { describe, expect, it } from "vitest";
import { work } from "../../core/batch/parts/drop-key.ts";
import { callsOfDefinition, type DefinedCall } from "./definition.ts";
import { callOf, evidence } from "./evidence.ts";
import { covers } from "./sweep.ts";
import { provenStages, resolveStage } from "./synthesised-stage.ts";

const purpose = "batch-machine";
const rows = evidence.roles[purpose]?.calls.filter(({ source }) => source === "definition") ?? [];

describe.each(provenStages)("the state machine of %s", (stageName) => {
  const stage = resolveStage(stageName);
  const told = rows.map((row) => callOf(stage, stageName, purpose, row));

  it("makes the calls of the evidence, and no others", () => {
    const machine = stage.find("AWS::StepFunctions::StateMachine", "batch");
    expect(kindsOf(callsOfDefinition(stage, machine))).toEqual(kindsOf(told));
  });

  it("reads the list of parts where the plan is told to write it", () => {
    const bucket = stage.find("AWS::S3::Bucket", "Bucket").arn;
    const read = told.filter(({ action }) => action === "s3:GetObject");
    expect(read.map((call) => covers(call, `${bucket}/${work.pending("drop")}`))).toEqual([true]);
  });
});

/** Which object it is the execution tells. */
function kindsOf(calls: readonly DefinedCall[]): string[] {
  const kinds = calls.map(({ action, resource }) => {
    const place = action.startsWith("s3:") ? resource.split("/")[0] : resource;
    return `${action} ${place}`;
  });
  return [...new Set(kinds)].sort();
}
