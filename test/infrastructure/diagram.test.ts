import { describe, expect, it } from "vitest";
import { diagram, diagramPage, writtenPage } from "../../scripts/diagram.mjs";
import { resourcesOfStage, type TemplateResource } from "../../scripts/templates.mjs";

describe("docs/architecture-aws.md", () => {
  it("is what scripts/diagram.mjs --write writes", () => {
    expect(writtenPage()).toBe(diagramPage());
  });

  it("draws every function, queue, stream and endpoint, each connected unless it belongs to the network", () => {
    const resources = resourcesOfStage({ name: "prod" });
    const text = diagram(resources);
    const types = /^AWS::(Lambda::Function|SQS::Queue|KinesisFirehose::DeliveryStream|ApiGateway::RestApi)$/;
    const drawn = resources.filter(({ type, stack }) => types.test(type) && stack !== "network");
    expect(drawn.length).toBeGreaterThan(10);
    const arrows = text.split("\n").filter((line) => line.includes("->"));
    const alone = drawn.filter(({ id }) => !arrows.some((line) => line.includes(id))).map(({ id }) => id);
    expect(alone).toEqual([]);
    for (const { type, id } of resources) if (type === "AWS::EC2::VPCEndpoint") expect(text).toContain(id);
  });

  it("loses an arrow with the statement that allows it", () => {
    const resources = resourcesOfStage({ name: "prod" });
    const arrows = (of: readonly TemplateResource[]) => diagram([...of]).split("\n");
    const isApi = ({ type, properties }: TemplateResource) =>
      type === "AWS::IAM::Role" && String(properties.RoleName).startsWith("leadgauge-prod-api-");
    const before = arrows(resources);
    const [policy] = resources.find(isApi)?.properties.Policies ?? [];
    const { Statement } = policy.PolicyDocument;
    policy.PolicyDocument.Statement = Statement.filter(
      ({ Sid }: { Sid: string }) => Sid !== "RecordOutcomes",
    );
    const lost = before.filter((line) => !arrows(resources).includes(line));
    expect(lost.some((line) => /--> outcomes$/.test(line))).toBe(true);
  });
});
