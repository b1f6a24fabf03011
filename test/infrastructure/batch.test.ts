/** How a dropped file is led through its steps. */
import { describe, expect, it } from "vitest";
import { prefixes } from "../../lib/config/prefixes.ts";
import { batchDefinition } from "../../lib/constructs/batch-definition.ts";
import { resourcesOf, stacksOf } from "./synthesise.ts";

interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly End?: boolean;
  readonly Choices?: readonly { readonly Next: string }[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[]; readonly JitterStrategy: string }[];
  readonly ItemProcessor?: Machine;
  readonly MaxConcurrency?: number;
  readonly ResultPath?: string | null;
}
interface Machine {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

const machine = batchDefinition({
  partition: "aws",
  bucketName: "bucket",
  functionArns: { plan: "plan", score: "score", finalise: "finalise" },
  deadLetterUrl: "queue",
  concurrentParts: 7,
  timeoutInSeconds: 3_600,
}) as unknown as Machine;
const parts = machine.States.ScoreParts as State;

describe.each([
  ["the state machine", machine],
  ["the machine of a part", parts.ItemProcessor as Machine],
])("%s", (_, { StartAt, States }) => {
  it("leads to states that exist, and reaches every one of them", () => {
    const reached = new Set<string>();
    const visit = (name: string) => {
      if (reached.has(name)) return;
      reached.add(name);
      const state = States[name];
      expect(state, name).toBeDefined();
      const { Next, Default, Choices = [], Catch = [] } = state as State;
      for (const next of [
        Next,
        Default,
        ...Choices.map((choice) => choice.Next),
        ...Catch.map((each) => each.Next),
      ])
        if (next !== undefined) visit(next);
    };
    visit(StartAt);
    expect([...reached].sort()).toEqual(Object.keys(States).sort());
  });

  it("tries every call again, with jitter, and for longer where Lambda itself is at fault", () => {
    const tasks = Object.values(States).filter(({ Type }) => Type === "Task");
    expect(tasks.length).toBeGreaterThan(0);
    for (const { Retry = [] } of tasks) {
      expect(Retry.at(-1)?.ErrorEquals).toEqual(["States.ALL"]);
      expect(Retry.every(({ JitterStrategy }) => JitterStrategy === "FULL")).toBe(true);
    }
  });

  it("leaves no failure without a way on, but for the last one", () => {
    const uncaught = Object.entries(States).filter(
      ([, { Type, Catch }]) => ["Task", "Map"].includes(Type) && Catch === undefined,
    );
    expect(uncaught.map(([name]) => name).filter((name) => name !== "KeepDeadLetter")).toEqual([]);
  });
});

describe("the parts of a file", () => {
  it("are scored side by side, as many as the stage allows, and answer nothing that would have to fit into a state", () => {
    expect(parts.MaxConcurrency).toBe(7);
    expect(parts.ResultPath).toBeNull();
    expect(parts.ItemProcessor?.States.LeaveOut).toMatchObject({ Result: {} });
  });
});

describe.each(["dev", "prod"])("the batch stack of %s", (stage) => {
  const stacks = () => stacksOf(stage).filter(({ purpose }) => purpose === "batch");

  it("starts for files under batch/in/ only, and keeps what could not be started", () => {
    const [rule, ...others] = resourcesOf(stacks(), "AWS::Events::Rule");
    expect(others.map(({ Properties }) => Properties.EventPattern.source)).toEqual([["aws.states"]]);
    expect(rule?.Properties.EventPattern).toMatchObject({
      source: ["aws.s3"],
      "detail-type": ["Object Created"],
      detail: { object: { key: [{ prefix: prefixes.batchIn }] } },
    });
    expect(rule?.Properties.Targets[0].DeadLetterConfig.Arn).toBeDefined();
    expect(rule?.Properties.Targets[0].RoleArn).toBeDefined();
  });

  it("hears of every execution that ended without success, and keeps what could not be told", () => {
    const [, ended] = resourcesOf(stacks(), "AWS::Events::Rule");
    const [machineOfStack] = resourcesOf(stacks(), "AWS::StepFunctions::StateMachine");
    expect(ended?.Properties.EventPattern).toMatchObject({
      "detail-type": ["Step Functions Execution Status Change"],
      detail: {
        stateMachineArn: [{ Ref: machineOfStack?.logicalId }],
        status: ["ABORTED", "FAILED", "TIMED_OUT"],
      },
    });
    const [target] = ended?.Properties.Targets ?? [];
    expect(target).toMatchObject({ InputPath: "$.detail", DeadLetterConfig: { Arn: expect.anything() } });
    const finalise = resourcesOf(stacks(), "AWS::Lambda::Function").find(
      ({ logicalId }) => logicalId === target.Arn["Fn::GetAtt"][0],
    );
    expect(finalise?.Properties.FunctionName).toBe(`leadgauge-${stage}-batch-finalise`);
    expect(finalise?.Properties.DeadLetterConfig.TargetArn).toBeDefined();
  });

  it("gives each step a role of its own, and nothing but what is written there", () => {
    const roles = resourcesOf(stacks(), "AWS::IAM::Role");
    expect(roles).toHaveLength(5);
    expect(resourcesOf(stacks(), "AWS::IAM::Policy")).toEqual([]);
    const used = resourcesOf(stacks(), "AWS::Lambda::Function").map(({ Properties }) =>
      JSON.stringify(Properties.Role),
    );
    expect(new Set(used).size).toBe(3);
  });
});
