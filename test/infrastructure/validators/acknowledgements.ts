/** Findings that are meant to be as they are, each with the reason. A test asserts that none is here without need. */
export interface Acknowledgement {
  /** A rule, or the beginning of its id up to "[". */
  readonly rule: string;
  /** Of the place without `leadgauge-{stage}-`. */
  readonly place: RegExp;
  readonly reason: string;
}

const functions = (names: string) => new RegExp(`^(${names})/?Handler`);

export const acknowledgements: readonly Acknowledgement[] = [
  // cdk-nag
  {
    rule: "AwsSolutions-IAM5",
    place: /./,
    reason:
      "Wildcards stand behind a prefix of a key, or where the service has no resources to name; the rule `no wildcards` and the simulation of every role look closer.",
  },
  {
    rule: "AwsSolutions-APIG2",
    place: /^scoring\/Api\/RestApi$/,
    reason:
      "The handler validates: the gateway's validator would answer first, with an error of another form.",
  },
  {
    rule: "AwsSolutions-APIG3",
    place: /^scoring\/Api\/RestApi\/DeploymentStage/,
    reason: "The firewall is an option (api.firewall): callers are authenticated by IAM and throttled.",
  },
  {
    rule: "AwsSolutions-APIG6",
    place: /^scoring\/Api\/RestApi\/DeploymentStage/,
    reason: "Execution logs may carry bodies, and bodies carry leads; access logs are on.",
  },
  {
    rule: "AwsSolutions-APIG4",
    place: /^scoring\/Api\/RestApi\/Default\/(\{proxy\+\}\/)?OPTIONS$/,
    reason:
      "Browsers send preflights without a signature: where origins are configured, OPTIONS alone is answered without one, with methods and headers only.",
  },
  {
    rule: "AwsSolutions-COG4",
    place: /^scoring\/Api\/RestApi\/Default\//,
    reason: "Callers are systems and sign with IAM; there are no people to sign in.",
  },
  {
    rule: "AwsSolutions-SMG4",
    place: /^scoring\/Metering\/CanaryKeySecret$/,
    reason: "It holds an API key, which counts the canary's calls and lets nobody in.",
  },
  // cfn-lint
  {
    rule: "W3005",
    place: /./,
    reason:
      "CDK makes a function wait for its role's policies with a dependency that the role's ARN implies already.",
  },
  {
    rule: "W6001",
    place: /^(batch|scoring)\//,
    reason: "A command for people that names the bucket, not a value handed on to a third stack.",
  },
  // checkov
  {
    rule: "CKV_AWS_18",
    place: /^data-lake\/AccessLogs/,
    reason: "The bucket of the access logs: logging its own requests into itself would never end.",
  },
  {
    rule: "CKV_AWS_111",
    place: /Role[0-9A-F]{8}$/,
    reason: "Lambda's placement in the VPC, which has no resources to name; the code itself is denied it.",
  },
  {
    rule: "CKV_AWS_115",
    place: /Handler/,
    reason:
      "Functions share the account's pool: a reservation would take from it for good. Throttles of the API and the state machine's cap bound them.",
  },
  {
    rule: "CKV_AWS_116",
    place: functions("network/SetupRunner|data-lake/ManifestsReader"),
    reason: "CloudFormation calls it, and is told of a failure.",
  },
  {
    rule: "CKV_AWS_116",
    place: functions("scoring/Function|batch/Functions\\w+"),
    reason: "Called synchronously, by API Gateway or the state machine, which hear of a failure.",
  },
  {
    rule: "CKV_AWS_116",
    place: functions("scoring/CaptureDrain"),
    reason: "Reads a queue, which has a queue of its own for what fails.",
  },
  {
    rule: "CKV_AWS_116",
    place: functions("scoring/(Canary|PromotionGuard)"),
    reason: "Runs again in minutes, with nothing to lose from a failed run; alarms tell of it.",
  },
  {
    rule: "CKV_AWS_117",
    place: functions("network/SetupRunner|data-lake/ManifestsReader"),
    reason: "It answers CloudFormation, which the isolated network cannot reach.",
  },
  {
    rule: "CKV_AWS_117",
    place: functions("alerts/Webhook"),
    reason: "It calls an address of the internet, which the network does not reach; alerts hold no leads.",
  },
  {
    rule: "CKV_AWS_117",
    place: functions("scoring/\\w+|batch/\\w+"),
    reason:
      "Outside in the network mode `standard`; the canary of a public API always: it comes from where callers come from.",
  },
  {
    rule: "CKV_AWS_120",
    place: /^scoring\/ApiRestApiDeploymentStage/,
    reason: "Answers depend on the body of a POST: there is nothing to keep.",
  },
  {
    rule: "CKV_AWS_173",
    place: /Handler/,
    reason:
      "Variables hold names and settings, no secrets (rule `no secrets`); AWS encrypts them at rest with its own key.",
  },
];
