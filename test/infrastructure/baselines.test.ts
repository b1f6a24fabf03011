import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { stageNames } from "../../lib/config/stages.ts";
import { type Baseline, baselineOf, dangersOf } from "./baselines.ts";
import { stacksOf, synthesise } from "./synthesise.ts";

const file = (stage: string) => new URL(`baselines/${stage}.json`, import.meta.url);

describe.each(stageNames)("baseline of stage %s", (stage) => {
  const after = baselineOf(stacksOf(stage));
  const deployed: Baseline = JSON.parse(readFileSync(file(stage), "utf8"));

  it("no change endangers what the deployed stage holds", () => {
    expect(dangersOf(deployed, after)).toEqual([]);
  });

  // A dangerous change is never written down: whoever means it removes the entry from the file.
  it("is complete: LEADGAUGE_WRITE_BASELINES=1 npm test -- infrastructure writes down what is new", () => {
    const text = `${JSON.stringify(after, undefined, 2)}\n`;
    if (process.env.LEADGAUGE_WRITE_BASELINES && dangersOf(deployed, after).length === 0) {
      writeFileSync(file(stage), text);
    } else {
      expect(JSON.stringify(deployed)).toBe(JSON.stringify(after));
    }
  });

  it("knows the buckets, the keys and the catalog", () => {
    const types = Object.values(deployed).map(({ type }) => type);
    expect(types).toEqual(
      expect.arrayContaining(["AWS::S3::Bucket", "AWS::KMS::Key", "AWS::Glue::Database"]),
    );
  });
});

describe("a dangerous change", () => {
  const bucket = { type: "AWS::S3::Bucket", deletionPolicy: "Retain", fixed: { BucketName: "a" } };
  const workgroup = {
    type: "AWS::RedshiftServerless::Workgroup",
    deletionPolicy: "Retain",
    fixed: { WorkgroupName: "w" },
    single: { BaseCapacity: 8, MaxCapacity: 64 },
  };

  it.each<[string, Baseline, RegExp]>([
    ["another logical id", { "data-lake/Other": bucket }, /left behind, unused: its logical id is gone/],
    [
      "another name",
      { "data-lake/Bucket": { ...bucket, fixed: { BucketName: "b" } } },
      /replaced by an empty one: BucketName/,
    ],
    [
      "another policy",
      { "data-lake/Bucket": { ...bucket, deletionPolicy: "Delete" } },
      /no longer outlive its stack/,
    ],
  ])("%s is told", (_, after, danger) => {
    expect(dangersOf({ "data-lake/Bucket": bucket }, after)).toEqual([expect.stringMatching(danger)]);
  });

  it("of what does not outlive its stack is told for what it is", () => {
    const doomed = { "data-lake/Bucket": { ...bucket, deletionPolicy: "Delete" } };
    expect(dangersOf(doomed, {})).toEqual([expect.stringMatching(/deleted with all that is in it/)]);
  });

  it("that the service does not take in one step is told; one of its steps is not", () => {
    const to = (single: Record<string, unknown>) => ({ w: { ...workgroup, single } });
    expect(dangersOf({ w: workgroup }, to({ BaseCapacity: 16, MaxCapacity: 128 }))).toEqual([
      expect.stringMatching(/one change at a time, these are BaseCapacity, MaxCapacity/),
    ]);
    expect(dangersOf({ w: workgroup }, to({ BaseCapacity: 16, MaxCapacity: 64 }))).toEqual([]);
  });

  it("of a stage is found from its templates", () => {
    const stage = {
      account: "123456789012",
      region: "eu-central-1",
      name: "dev",
      retainsData: false,
    } as const;
    const before = baselineOf(synthesise({ ...stage, network: { cidr: "10.20.0.0/20" } }));
    const after = baselineOf(synthesise({ ...stage, network: { cidr: "10.30.0.0/20" } }));
    const dangers = dangersOf(before, after);
    expect(dangers).toHaveLength(4);
    expect(dangers).toContainEqual(
      expect.stringMatching(/AWS::EC2::VPC\) would be replaced by an empty one: CidrBlock changed/),
    );
  });
});
