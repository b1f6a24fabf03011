/** What watches the system: alarms and runbook, names of metrics and log lines on both sides, dashboard and queries. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { LogEvent } from "../../lambdas/log-events.ts";
import { METRIC_NAMESPACE, Metric } from "../../lambdas/metrics.ts";
import { logEvents } from "../../lib/config/log-events.ts";
import { metrics } from "../../lib/config/metrics.ts";
import { resourceNames } from "../../lib/config/names.ts";
import {
  allStacks,
  checkedStages,
  everythingSwitchedOn,
  resourcesOf,
  stacksOf,
  synthesise,
} from "./synthesise.ts";

const runbook = readFileSync(new URL("../../docs/runbook.md", import.meta.url), "utf8");
const entries = [...runbook.matchAll(/^## (.+)$/gm)].map(([, id]) => id as string);

describe("alarms", () => {
  it("have an entry in the runbook each, and every entry has an alarm", () => {
    const alarms = new Set(
      checkedStages.flatMap((stage) =>
        resourcesOf(stacksOf(stage), "AWS::CloudWatch::Alarm").map(({ Properties }) =>
          String(Properties.AlarmName).slice(`leadgauge-${stage}-`.length),
        ),
      ),
    );
    expect([...alarms].sort()).toEqual([...entries].sort());
    expect(new Set(entries).size).toBe(entries.length);
  });

  it("say what has happened and where the runbook tells what to do, and tell the topic when they begin and end", () => {
    const alarms = resourcesOf(allStacks(), "AWS::CloudWatch::Alarm");
    expect(alarms.length).toBeGreaterThan(30);
    for (const { Properties, stack } of alarms) {
      const id = entries.find((entry) => String(Properties.AlarmName).endsWith(`-${entry}`));
      expect(Properties.AlarmDescription).toMatch(
        new RegExp(`^[A-Z].+\\. What to do: docs/runbook\\.md#${id}$`),
      );
      expect(Properties.AlarmActions, stack).toHaveLength(1);
      expect(Properties.OKActions).toEqual(Properties.AlarmActions);
      expect(Properties.TreatMissingData).toBeDefined();
    }
  });

  it.each([
    ["FunctionName", "AWS::Lambda::Function", "FunctionName"],
    ["ApiName", "AWS::ApiGateway::RestApi", "Name"],
    ["DeliveryStreamName", "AWS::KinesisFirehose::DeliveryStream", "DeliveryStreamName"],
  ])("watch metrics by a %s that exists", (dimension, type, property) => {
    for (const stage of checkedStages) {
      const stacks = stacksOf(stage);
      const names = resourcesOf(stacks, type).map(({ Properties }) => Properties[property]);
      const watched = resourcesOf(stacks, "AWS::CloudWatch::Alarm").flatMap(({ Properties }) =>
        (Properties.Dimensions as { Name: string; Value: unknown }[]).filter(
          ({ Name }) => Name === dimension,
        ),
      );
      expect(watched.length).toBeGreaterThan(0);
      for (const { Value } of watched) if (typeof Value === "string") expect(names).toContain(Value);
    }
  });
});

describe("links within the runbook", () => {
  it("lead to entries", () => {
    const links = [...runbook.matchAll(/\]\(#([^)]+)\)/g)].map(([, id]) => String(id));
    expect(links.filter((id) => !entries.includes(id))).toEqual([]);
  });
});

describe("a chat of alerts", () => {
  const types = ["SlackChannelConfiguration", "MicrosoftTeamsChannelConfiguration"].map(
    (name) => `AWS::Chatbot::${name}`,
  );

  it.each(types)("%s hears of the topic, and lets nobody do more than look at alarms", (type) => {
    const stacks = stacksOf(everythingSwitchedOn.name);
    const [channel] = resourcesOf(stacks, type);
    const [topic] = resourcesOf(stacks, "AWS::SNS::Topic");
    const [guardrail] = resourcesOf(stacks, "AWS::IAM::ManagedPolicy");
    expect(channel?.Properties).toMatchObject({
      SnsTopicArns: [{ Ref: topic?.logicalId }],
      GuardrailPolicies: [{ Ref: guardrail?.logicalId }],
    });
    expect(guardrail?.Properties.PolicyDocument.Statement).toEqual([
      {
        Sid: "DrawAlarms",
        Effect: "Allow",
        Action: ["cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData"],
        Resource: "*",
      },
    ]);
    const role = resourcesOf(stacks, "AWS::IAM::Role").find(
      ({ logicalId }) => logicalId === channel?.Properties.IamRoleArn["Fn::GetAtt"][0],
    );
    expect(role?.Properties.Policies[0].PolicyDocument).toEqual(guardrail?.Properties.PolicyDocument);
  });

  it("is there only where a stage asks for it, and not on the emulator", () => {
    const emulated = synthesise({ ...everythingSwitchedOn, target: "emulator" });
    for (const type of types) {
      expect(resourcesOf(stacksOf("prod"), type)).toEqual([]);
      expect(resourcesOf(emulated, type)).toEqual([]);
    }
  });
});

describe("names on both sides", () => {
  it("of log lines are among those that the code writes", () => expect(LogEvent).toMatchObject(logEvents));
  it("of metrics are among those that the code writes", () => {
    expect(Metric).toMatchObject(metrics);
    expect(resourceNames("dev").metricNamespace).toBe(METRIC_NAMESPACE);
  });
});

describe("saved queries", () => {
  it("search logs that exist, for lines that are written", () => {
    for (const stage of checkedStages) {
      const stacks = stacksOf(stage);
      const logs = resourcesOf(stacks, "AWS::Logs::LogGroup").map(
        ({ Properties }) => Properties.LogGroupName,
      );
      const queries = resourcesOf(stacks, "AWS::Logs::QueryDefinition");
      expect(queries.length).toBeGreaterThan(5);
      for (const { Properties } of queries) {
        for (const log of Properties.LogGroupNames) expect(logs).toContain(log);
        const listed = /message in \[([^\]]*)\]/.exec(Properties.QueryString)?.[1];
        const wanted = listed === undefined ? [] : (JSON.parse(`[${listed}]`) as string[]);
        for (const message of wanted) expect(Object.values(LogEvent)).toContain(message);
        // The runbook calls them by their names.
        expect(Properties.Name).toMatch(new RegExp(`^leadgauge-${stage}/[a-z ]+$`));
      }
    }
  });

  it("of one drop find every line that has its key or id, and show both", () => {
    const query = resourcesOf(stacksOf("prod"), "AWS::Logs::QueryDefinition").find(({ Properties }) =>
      String(Properties.Name).endsWith("/everything of one drop"),
    )?.Properties;
    expect(query?.QueryString).toMatch(/^filter key = .* or drop = /);
    const fields = /\| fields ([^\n]*)/.exec(query?.QueryString)?.[1]?.split(", ");
    expect(fields).toEqual(expect.arrayContaining(["message", "key", "drop", "part", "error", "problem"]));
    expect(query?.LogGroupNames).toHaveLength(3);
  });

  it("are there under every name that the runbook calls a query by", () => {
    const names = resourcesOf(stacksOf("prod"), "AWS::Logs::QueryDefinition").map(({ Properties }) =>
      String(Properties.Name).split("/").at(-1),
    );
    const called = [...runbook.matchAll(/[Qq]uery \*([^*]+)\*/g)].map(([, name]) => String(name));
    expect(called.length).toBeGreaterThan(3);
    expect(called.filter((name) => !names.includes(name))).toEqual([]);
  });
});
