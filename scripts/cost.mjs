/**
 * What a stage costs, from the templates it is deployed with, list prices (scripts/cost/prices.json) and durations
 * (scripts/cost/durations.json):
 *
 *   node_modules/.bin/node scripts/cost.mjs           prints the tables of docs/cost.md
 *   node_modules/.bin/node scripts/cost.mjs --write   writes them there
 */
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { resourcesOfStage } from "./templates.mjs";

const HOURS_A_MONTH = 730;
const MEGABYTES_A_GIGABYTE = 1024;

const prices = read("cost/prices.json");
const durations = read("cost/durations.json");
const page = new URL("../docs/cost.md", import.meta.url);
const BEGIN = "<!-- tables: written by scripts/cost.mjs --write -->\n\n";
const END = "\n<!-- end of tables -->";

/**
 * @typedef {{ what: string, quantity: number, formula: string, dollars: number }} Item
 * @typedef {import("./templates.mjs").TemplateResource} TemplateResource
 */

/** A month in which nobody calls. @param {TemplateResource[]} resources @returns {Item[]} */
export function idleItems(resources) {
  /** @param {string} type */
  const ofType = (type) => resources.filter((resource) => resource.type === type);
  const zones = ofType("AWS::EC2::VPCEndpoint")
    .filter(({ properties }) => properties.VpcEndpointType === "Interface")
    .reduce((sum, { properties }) => sum + properties.SubnetIds.length, 0);
  const ownMetrics = new Set(
    ofType("AWS::CloudWatch::Alarm")
      .filter(({ properties }) => properties.Namespace === "Leadgauge")
      .map(({ properties }) => properties.MetricName),
  );
  const runs = ofType("AWS::Events::Rule")
    .map(({ properties }) => /^rate\((\d+) minutes?\)$/.exec(properties.ScheduleExpression ?? "")?.[1])
    .reduce((sum, minutes) => sum + (minutes ? (HOURS_A_MONTH * 60) / Number(minutes) : 0), 0);
  const runPrice =
    (durations.scheduledRunInMilliseconds / 1000) * 0.5 * prices.lambdaArmGigabyteSecond +
    prices.lambdaMillionRequests / 1e6;
  const { interfaceEndpointHour: endpointHour } = prices;
  return [
    item(
      "interface endpoints, one a zone",
      zones,
      `${HOURS_A_MONTH} h x ${endpointHour}`,
      HOURS_A_MONTH * endpointHour,
    ),
    monthly("KMS keys", ofType("AWS::KMS::Key").length, prices.kmsKeyMonth),
    monthly("alarms", ofType("AWS::CloudWatch::Alarm").length, prices.alarmMonth),
    monthly("dashboards", ofType("AWS::CloudWatch::Dashboard").length, prices.dashboardMonth),
    monthly("own metrics with an alarm", ownMetrics.size, prices.metricMonth),
    item("scheduled runs (canary, promotion guard)", runs, "0.5 GB-s + request", runPrice),
  ];
}

/** A million calls with one lead each. @param {TemplateResource[]} resources @param {number} wait ms for the capture @returns {Item[]} */
export function scoreItems(resources, wait) {
  const seconds = Math.ceil(durations.millisecondsPerScore + wait) / 1000;
  const gigabytes = memoryOf(resources, "-api") / MEGABYTES_A_GIGABYTE;
  const [stream] = resources.filter(({ type }) => type === "AWS::KinesisFirehose::DeliveryStream");
  const converts =
    stream?.properties.ExtendedS3DestinationConfiguration.DataFormatConversionConfiguration?.Enabled === true;
  const streamPrice = prices.firehoseGigabyte + (converts ? prices.firehoseConversionGigabyte : 0);
  const captured = stream ? (durations.firehoseRecordBytes * 1e6) / 2 ** 30 : 0;
  return [
    item("API requests (million)", 1, String(prices.restApiMillionRequests), prices.restApiMillionRequests),
    item("Lambda requests (million)", 1, String(prices.lambdaMillionRequests), prices.lambdaMillionRequests),
    item(
      "Lambda GB-s",
      1e6 * seconds * gigabytes,
      `1e6 x ${seconds} s x ${gigabytes.toFixed(3)} GB`,
      prices.lambdaArmGigabyteSecond,
    ),
    item("captured, GB", captured, `${durations.firehoseRecordBytes} bytes each`, streamPrice),
    item(
      "logs, GB",
      durations.logBytesPerScore / 1000,
      `${durations.logBytesPerScore} bytes each`,
      prices.logsGigabyte,
    ),
    item("traces (million)", durations.tracedShare, "sampled", prices.xrayMillionTraces),
  ];
}

/** A million rows of files. Planning and joining are counted as a pass each, as long as the scoring: an upper bound. @param {TemplateResource[]} resources @returns {Item[]} */
export function batchItems(resources) {
  const gigabytes = memoryOf(resources, "-batch-score") / MEGABYTES_A_GIGABYTE;
  const settings = functionNamed(resources, "-batch-plan").properties.Environment.Variables.LEADGAUGE_BATCH;
  const seconds = (1e6 * durations.coreMillisecondsPerRow) / 1000;
  const parts = 1e6 / JSON.parse(settings).partLines;
  return [
    item(
      "Lambda GB-s",
      3 * seconds * gigabytes,
      `3 x ${seconds} s x ${gigabytes.toFixed(3)} GB`,
      prices.lambdaArmGigabyteSecond,
    ),
    item(
      "state transitions (thousand)",
      (parts * 4 + 8) / 1000,
      `${parts} parts x 4 + 8`,
      prices.stepFunctionsThousandTransitions,
    ),
  ];
}

/** The generated part of docs/cost.md. */
export function costTables() {
  const isolated = resourcesOfStage({ name: "prod", network: { mode: "isolated" } });
  const standard = resourcesOfStage({ name: "prod", network: { mode: "standard" } });
  const idle = { isolated: idleItems(isolated), standard: idleItems(standard) };
  const usual = scoreItems(isolated, durations.captureWaitInMilliseconds);
  const longest = scoreItems(isolated, durations.captureLimitInMilliseconds);
  const batch = batchItems(isolated);

  const sageMaker = HOURS_A_MONTH * prices.sageMakerM5LargeHour;
  const fargate = HOURS_A_MONTH * (prices.fargateVcpuHour + 2 * prices.fargateGigabyteHour);
  const perMillion = total(usual);
  const volumes = [0, 0.1, 1, 10, 50].map((millions) => [
    String(millions),
    dollars(total(idle.standard) + millions * perMillion),
    dollars(total(idle.isolated) + millions * perMillion),
    dollars(sageMaker),
    dollars(2 * sageMaker),
    dollars(fargate),
    dollars(2 * fargate),
  ]);
  const equal = (2 * sageMaker - total(idle.standard)) / perMillion;
  const parts = [
    `Region ${prices.region}, prices as of ${prices.asOf}. ${prices.note}`,
    "**Idle: a month of `prod` in which nobody calls**",
    table(
      ["", "isolated", "USD", "standard", "USD", "formula"],
      [
        ...idle.isolated.map((entry, index) => {
          const other = /** @type {Item} */ (idle.standard[index]);
          return [
            entry.what,
            count(entry.quantity),
            dollars(entry.dollars),
            count(other.quantity),
            dollars(other.dollars),
            entry.formula,
          ];
        }),
        [
          "**together**",
          "",
          `**${dollars(total(idle.isolated))}**`,
          "",
          `**${dollars(total(idle.standard))}**`,
          "",
        ],
      ],
    ),
    "**A million calls with one lead each, 3 reasons**",
    table(
      [
        "",
        "quantity",
        "USD",
        `USD if every capture took ${durations.captureLimitInMilliseconds} ms`,
        "formula",
      ],
      [
        ...usual.map((entry, index) => [
          entry.what,
          count(entry.quantity),
          dollars(entry.dollars),
          dollars(/** @type {Item} */ (longest[index]).dollars),
          entry.formula,
        ]),
        ["**together**", "", `**${dollars(perMillion)}**`, `**${dollars(total(longest))}**`, ""],
      ],
    ),
    "**A million rows of files, 3 reasons**",
    table(
      ["", "quantity", "USD", "formula"],
      [
        ...batch.map((entry) => [entry.what, count(entry.quantity), dollars(entry.dollars), entry.formula]),
        ["**together**", "", `**${dollars(total(batch))}**`, ""],
      ],
    ),
    "**A month, USD, by millions of single scores**",
    table(
      [
        "million scores",
        "standard",
        "isolated",
        "1 ml.m5.large",
        "2 ml.m5.large",
        "1 Fargate task",
        "2 Fargate tasks",
      ],
      volumes,
    ),
    `Beyond ${equal.toFixed(0)} million single scores a month, two ml.m5.large cost less than \`standard\` with every part counted.`,
    "**Where the durations come from**",
    table(
      ["", "value", "source"],
      [
        ["ms a score", durations.millisecondsPerScore, durations.millisecondsPerScoreMethod],
        [
          "ms of a core a row of a file",
          durations.coreMillisecondsPerRow,
          durations.coreMillisecondsPerRowMethod,
        ],
        ["ms that capture waits", durations.captureWaitInMilliseconds, durations.captureWaitMethod],
        ["ms a scheduled run", durations.scheduledRunInMilliseconds, durations.scheduledRunMethod],
        ["bytes of logs a score", durations.logBytesPerScore, durations.logBytesMethod],
        ["share that is traced", durations.tracedShare, durations.tracedShareMethod],
        ["bytes a captured record", durations.firehoseRecordBytes, durations.firehoseRecordMethod],
      ],
    ),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** The same part as it stands in docs/cost.md. */
export function writtenTables() {
  const [, tables] = readPage();
  return tables;
}

/** @returns {[string, string, string]} before, tables, after */
function readPage() {
  const text = readFileSync(page, "utf8");
  const begin = text.indexOf(BEGIN) + BEGIN.length;
  const end = text.indexOf(END);
  if (begin < BEGIN.length || end < begin) throw new Error("docs/cost.md lacks the marks of its tables.");
  return [text.slice(0, begin), text.slice(begin, end), text.slice(end)];
}

/** @param {TemplateResource[]} resources @param {string} ending of the function's name @returns {number} MB */
function memoryOf(resources, ending) {
  return functionNamed(resources, ending).properties.MemorySize;
}

/** @param {TemplateResource[]} resources @param {string} ending of the function's name */
function functionNamed(resources, ending) {
  const found = resources.find(
    ({ type, properties }) =>
      type === "AWS::Lambda::Function" && String(properties.FunctionName).endsWith(ending),
  );
  if (!found) throw new Error(`The templates have no function …${ending}.`);
  return found;
}

/** @param {string} what @param {number} quantity @param {string} formula @param {number} price of one @returns {Item} */
function item(what, quantity, formula, price) {
  return { what, quantity, formula, dollars: quantity * price };
}

/** @param {string} what @param {number} quantity @param {number} price */
function monthly(what, quantity, price) {
  return item(what, quantity, `${price} each`, price);
}

/** @param {Item[]} items */
function total(items) {
  return items.reduce((sum, entry) => sum + entry.dollars, 0);
}

/** @param {number} value */
function dollars(value) {
  return value > 0 && value < 0.01 ? value.toFixed(4) : value.toFixed(2);
}

/** @param {number} value */
function count(value) {
  return value.toLocaleString("en-US", { maximumFractionDigits: 3 });
}

/** @param {string[]} head @param {unknown[][]} rows */
function table(head, rows) {
  const line = (/** @type {unknown[]} */ cells) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}

/** @param {string} file */
function read(file) {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8"));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const tables = costTables();
  if (process.argv.includes("--write")) {
    const [before, , after] = readPage();
    writeFileSync(page, before + tables + after);
  } else {
    process.stdout.write(tables);
  }
}
