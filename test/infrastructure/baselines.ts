/**
 * What identifies the resources that hold data, for each stage: their logical ids and those of their properties that cannot be
 * changed in place. `baselines/{stage}.json` keeps it as it was deployed; a change of it would replace data.
 */
import { everyResource } from "./rules/rule.ts";
import type { Resource, SynthesisedStack } from "./synthesise.ts";

/**
 * Types that hold data or that others outside of the stage hold on to, with the properties whose change makes CloudFormation
 * replace the resource, or that the service does not change (aws-resource-* pages of the CloudFormation documentation).
 */
export const statefulTypes: Readonly<Record<string, readonly string[]>> = {
  "AWS::EC2::Subnet": ["AvailabilityZone", "CidrBlock"],
  "AWS::EC2::VPC": ["CidrBlock"],
  "AWS::Glue::Database": ["CatalogId", "DatabaseInput.Name"],
  "AWS::Glue::Table": ["CatalogId", "DatabaseName", "TableInput.Name"],
  "AWS::KMS::Alias": ["AliasName"],
  "AWS::KMS::Key": ["KeySpec", "KeyUsage", "MultiRegion"],
  "AWS::RedshiftServerless::Namespace": ["NamespaceName", "DbName", "Tags"],
  "AWS::RedshiftServerless::Workgroup": ["WorkgroupName", "NamespaceName"],
  "AWS::S3::Bucket": ["BucketName", "ObjectLockEnabled"],
  "AWS::SecretsManager::Secret": ["Name"],
  "AWS::SNS::Topic": ["FifoTopic", "TopicName"],
  "AWS::SQS::Queue": ["FifoQueue", "QueueName"],
};

/** Of which only those in long-lived stacks count: a queue of a stateless stack may go with it. */
const STACKS = ["data-lake", "network", "alerts", "warehouse"];

/** Of the warehouse only one of these can be changed at a time, and removed parameters stay. */
const ONE_AT_A_TIME: Readonly<Record<string, readonly string[]>> = {
  "AWS::RedshiftServerless::Workgroup": [
    "BaseCapacity",
    "ConfigParameters",
    "EnhancedVpcRouting",
    "MaxCapacity",
    "Port",
    "PricePerformanceTarget",
    "PubliclyAccessible",
    "SecurityGroupIds",
    "SubnetIds",
    "TrackName",
  ],
};

export interface BaselineEntry {
  readonly type: string;
  readonly deletionPolicy: string;
  /** Those whose change replaces the resource. */
  readonly fixed: Readonly<Record<string, unknown>>;
  /** Those that the service changes one at a time. */
  readonly single?: Readonly<Record<string, unknown>>;
}

export type Baseline = Readonly<Record<string, BaselineEntry>>;

export function baselineOf(stacks: readonly SynthesisedStack[]): Baseline {
  const longLived = stacks.filter(({ purpose }) => STACKS.includes(purpose));
  const entries = everyResource(longLived)
    .filter(({ Type }) => Type in statefulTypes)
    .map((resource) => [resource.place, entryOf(resource)] as const);
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function entryOf({ Type, Properties, DeletionPolicy = "Delete" }: Resource): BaselineEntry {
  const pick = (paths: readonly string[]) =>
    Object.fromEntries(
      paths.map((path) => [path, at(Properties, path)]).filter(([, value]) => value !== undefined),
    );
  const single = ONE_AT_A_TIME[Type];
  return {
    type: Type,
    deletionPolicy: DeletionPolicy,
    fixed: pick(statefulTypes[Type] ?? []),
    ...(single && { single: pick(single) }),
  };
}

function at(value: unknown, path: string): unknown {
  return path.split(".").reduce((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

/** What a change from one baseline to another would do to data, in words; additions are harmless. */
export function dangersOf(before: Baseline, after: Baseline): readonly string[] {
  return Object.entries(before).flatMap(([place, old]) => {
    const now = after[place];
    if (now === undefined || now.type !== old.type) {
      const what = old.deletionPolicy === "Delete" ? "deleted with all that is in it" : "left behind, unused";
      return [`${place} (${old.type}) would be ${what}: its logical id is gone from the template`];
    }
    const replaced = changed(old.fixed, now.fixed).map(
      (property) => `${place} (${old.type}) would be replaced by an empty one: ${property} changed`,
    );
    const unprotected =
      old.deletionPolicy !== "Delete" && now.deletionPolicy === "Delete"
        ? [`${place} (${old.type}) would no longer outlive its stack`]
        : [];
    const singles = changed(old.single ?? {}, now.single ?? {});
    const tooMany =
      singles.length > 1
        ? [`${place} (${old.type}): the service takes one change at a time, these are ${singles.join(", ")}`]
        : [];
    return [...replaced, ...unprotected, ...tooMany];
  });
}

function changed(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name])).sort();
}
