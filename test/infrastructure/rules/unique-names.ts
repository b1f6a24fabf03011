import { everyResource, type Rule } from "./rule.ts";

const NAME_PROPERTIES = [
  "AlarmName",
  "AliasName",
  "ApplicationName",
  "BucketName",
  "DashboardName",
  "DeliveryStreamName",
  "FunctionName",
  "GroupName",
  "LogGroupName",
  "Name",
  "QueueName",
  "RoleName",
  "RuleName",
  "StateMachineName",
  "TopicName",
];

/** What has a name of its own does not share it with another resource of its type in the stage. */
export const uniqueNames: Rule = (stacks) => {
  const seen = new Map<string, string>();
  const findings: string[] = [];
  for (const { place, Type, Properties } of everyResource(stacks)) {
    for (const property of NAME_PROPERTIES) {
      const name = Properties[property];
      // These are named for what they belong to: an alias of a function, the log group of a flow log.
      if (
        name === undefined ||
        /^AWS::(Lambda::(Version|Alias|Permission|Url|EventInvokeConfig)|EC2::FlowLog)$/.test(Type)
      )
        continue;
      const key = `${Type} ${JSON.stringify(name)}`;
      const other = seen.get(key);
      if (other !== undefined)
        findings.push(`${place}: has the same ${property} as ${other}: ${JSON.stringify(name)}`);
      seen.set(key, place);
    }
  }
  return findings;
};
