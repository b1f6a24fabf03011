/**
 * Draws a production stage as a Mermaid flowchart, from its templates alone: boxes are stacks, arrows are what roles allow, what triggers what,
 * and where data goes by it.
 *
 *   node_modules/.bin/node scripts/diagram.mjs           prints docs/architecture-aws.md
 *   node_modules/.bin/node scripts/diagram.mjs --write   writes it
 */
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { resourcesOfStage } from "./templates.mjs";

const page = new URL("../docs/architecture-aws.md", import.meta.url);
const STAGE = "prod";

/** Resources that are drawn: their shape, and the property that names them. @type {Record<string, { open: string, close: string, kind: string, name: string }>} */
const drawn = {
  "AWS::Lambda::Function": { open: "[", close: "]", kind: "function", name: "FunctionName" },
  "AWS::StepFunctions::StateMachine": {
    open: "[[",
    close: "]]",
    kind: "state machine",
    name: "StateMachineName",
  },
  "AWS::ApiGateway::RestApi": { open: "([", close: "])", kind: "REST API", name: "Name" },
  "AWS::KinesisFirehose::DeliveryStream": {
    open: "[/",
    close: "/]",
    kind: "delivery stream",
    name: "DeliveryStreamName",
  },
  "AWS::SQS::Queue": { open: "[/", close: "/]", kind: "queue", name: "QueueName" },
  "AWS::SNS::Topic": { open: "([", close: "])", kind: "topic", name: "TopicName" },
  "AWS::EC2::VPCEndpoint": { open: "{{", close: "}}", kind: "endpoint", name: "" },
};
const READS = new Set(["s3:GetObject", "sqs:ReceiveMessage", "glue:GetTable", "kms:GetPublicKey"]);
const ACTS = new Set([
  "s3:PutObject",
  "firehose:PutRecordBatch",
  "sqs:SendMessage",
  "lambda:InvokeFunction",
  "execute-api:Invoke",
  "kms:Sign",
  "states:StartExecution",
]);

/**
 * @typedef {import("./templates.mjs").TemplateResource} TemplateResource
 * @typedef {{ id: string, stack: string, text: string }} Node
 */

/** The Mermaid text of a stage. @param {TemplateResource[]} resources */
export function diagram(resources) {
  /** @type {Map<string, Node>} by logical id, or by prefix of the bucket */
  const nodes = new Map();
  for (const { stack, id, type, properties } of resources) {
    const form = drawn[type];
    if (form) {
      const label =
        type === "AWS::EC2::VPCEndpoint" ? serviceOf(properties) : shortName(properties[form.name]);
      nodes.set(id, { id, stack, text: `${form.open}"${label}<br/>${form.kind}"${form.close}` });
    } else if (type === "AWS::KMS::Key" && properties.KeyUsage === "SIGN_VERIFY") {
      nodes.set(id, { id, stack, text: '("manifests<br/>signing key")' });
    } else if (type === "AWS::Glue::Table") {
      nodes.set(id, { id, stack, text: `("${properties.TableInput.Name}<br/>table")` });
    }
  }
  nodes.set("model_publisher", {
    id: "model_publisher",
    stack: "data-lake",
    text: '(("model-publisher<br/>role"))',
  });
  /** @type {Set<string>} */
  const edges = new Set();
  const link = (/** @type {string} */ from, /** @type {string} */ arrow, /** @type {string} */ to) => {
    if (from !== to) edges.add(`  ${from} ${arrow} ${to}`);
  };

  /** A part of the bucket, which appears once something may use it. @param {string} prefix */
  const prefixNode = (prefix) => {
    const id = prefix.replaceAll(/[^a-z]/g, "_");
    if (!nodes.has(id)) nodes.set(id, { id, stack: "data-lake", text: `[("${prefix}/")]` });
    return id;
  };
  /** The node that a value of a template refers to. @param {unknown} value @returns {string | undefined} */
  const target = (value) => {
    const text = JSON.stringify(value);
    const prefix = /"\/((?:batch\/)?[a-z-]+)\/[^"]*"/.exec(text)?.[1];
    if (prefix && text.includes("Bucket")) return prefixNode(prefix);
    const named = [...nodes.values()].filter(({ id }) => resources.some((resource) => resource.id === id));
    const referred = named.find(({ id }) => text.includes(id));
    if (referred || typeof value !== "string") return referred?.id;
    const name = shortName(value.split(/[:/]/).at(-1) ?? "");
    return named.find(({ text: label }) => label.includes(`"${name}<br/>`))?.id;
  };

  for (const { type, properties } of resources) {
    if (type === "AWS::IAM::Role") {
      const purpose = /^leadgauge-prod-(.+)-[a-z]{2}-[a-z]+-\d$/.exec(String(properties.RoleName))?.[1];
      const owner =
        purpose === "model-publisher" ? "model_publisher" : purpose && ownerOf(purpose, resources);
      if (!owner) continue;
      for (const statement of properties.Policies.flatMap(
        (/** @type {any} */ policy) => policy.PolicyDocument.Statement,
      )) {
        if (statement.Effect !== "Allow") continue;
        for (const resource of [statement.Resource].flat()) {
          const actions = [statement.Action].flat();
          const isUsed = actions.some((action) => READS.has(action) || ACTS.has(action));
          const to = isUsed ? target(resource) : undefined;
          if (!to) continue;
          if (actions.some((action) => ACTS.has(action))) link(owner, "-->", to);
          if (actions.some((action) => READS.has(action))) link(to, "-.->", owner);
        }
      }
    } else if (type === "AWS::Lambda::Permission" && properties.Principal === "apigateway.amazonaws.com") {
      const api = target(properties.SourceArn);
      const scoring = ownerOf("api", resources);
      if (api && scoring) link(api, "-->", scoring);
    } else if (type === "AWS::ApiGateway::Method") {
      const api = target(properties.RestApiId);
      nodes.set("callers", { id: "callers", stack: "", text: '(("callers"))' });
      if (api) link("callers", `-->|${properties.AuthorizationType}|`, api);
    } else if (type === "AWS::Events::Rule") {
      const to = target(properties.Targets[0].Arn);
      const prefix = properties.EventPattern?.detail?.object?.key?.[0]?.prefix;
      if (to && prefix) link(prefixNode(prefix.replace(/\/$/, "")), "-->|object created|", to);
      if (to && properties.ScheduleExpression) {
        nodes.set(`clock_${to}`, {
          id: `clock_${to}`,
          stack: nodes.get(to)?.stack ?? "",
          text: `>"${properties.ScheduleExpression}"]`,
        });
        link(`clock_${to}`, "-->", to);
      }
    } else if (type === "AWS::SQS::Queue" && properties.RedrivePolicy) {
      const from = target(properties.QueueName);
      const to = target(properties.RedrivePolicy.deadLetterTargetArn);
      if (from && to) link(from, "-->|given up|", to);
    }
  }
  for (const stack of new Set(
    resources.filter(({ type }) => type === "AWS::CloudWatch::Alarm").map((alarm) => alarm.stack),
  )) {
    const alarms = resources.filter(
      (resource) => resource.stack === stack && resource.type === "AWS::CloudWatch::Alarm",
    );
    nodes.set(`alarms_${stack}`, { id: `alarms_${stack}`, stack, text: `>"${alarms.length} alarms"]` });
    const topic = target(alarms[0]?.properties.AlarmActions[0]);
    if (topic) link(`alarms_${stack}`, "-->", topic);
  }
  return render([...nodes.values()], [...edges]);
}

/** @param {Node[]} nodes @param {string[]} edges */
function render(nodes, edges) {
  const outside = nodes.filter(({ stack }) => stack === "").map(({ id, text }) => `  ${id}${text}`);
  const stacks = [...new Set(nodes.map(({ stack }) => stack))].filter((stack) => stack !== "").sort();
  const boxes = stacks.flatMap((stack) => [
    `  subgraph stack_${stack.replaceAll("-", "_")}["${stack}"]`,
    ...nodes
      .filter((node) => node.stack === stack)
      .map(({ id, text }) => `    ${id}${text}`)
      .sort(),
    "  end",
  ]);
  return ["flowchart LR", ...outside, ...boxes, ...edges.sort()].join("\n");
}

/** The logical id of what runs under the role of a purpose. @param {string} purpose @param {TemplateResource[]} resources */
function ownerOf(purpose, resources) {
  const byName = resources.find(
    ({ type, properties }) =>
      type === "AWS::Lambda::Function" && properties.FunctionName === `leadgauge-${STAGE}-${purpose}`,
  );
  const types = /** @type {Record<string, string>} */ ({
    "capture-stream": "AWS::KinesisFirehose::DeliveryStream",
    "batch-machine": "AWS::StepFunctions::StateMachine",
  });
  return (byName ?? resources.find(({ type }) => type === types[purpose]))?.id;
}

/** @param {any} endpoint properties @returns {string} `sqs`, of a name that may be put together at deployment */
function serviceOf({ ServiceName }) {
  return /\.([a-z0-9-]+)"/.exec(JSON.stringify(ServiceName).replaceAll("]", ""))?.[1] ?? "";
}

/** @param {string} name */
function shortName(name) {
  return name.replace(`leadgauge-${STAGE}-`, "");
}

/** The whole of docs/architecture-aws.md. */
export function diagramPage() {
  const resources = resourcesOfStage({ name: STAGE });
  return `# Architecture in AWS, drawn

A stage with the settings of \`prod\`, drawn from its templates by \`scripts/diagram.mjs\`; a test compares this page with what the script prints. Boxes are stacks. A full arrow is
what may be written, sent, called or signed, or what sets something off; a dotted one what may be read. Left out, because everything has them: keys of data, logs, traces. Functions in
the VPC reach other services only through the endpoints of the network. What it means: [architecture](architecture.md#in-aws).

\`\`\`mermaid
${diagram(resources)}
\`\`\`
`;
}

/** The page as it is in the repository. */
export function writtenPage() {
  return readFileSync(page, "utf8");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  if (process.argv.includes("--write")) writeFileSync(page, diagramPage());
  else process.stdout.write(diagramPage());
}
