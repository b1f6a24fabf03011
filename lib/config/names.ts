/**
 * The one place where names of resources are made, for those who create them and those who refer to them. Stacks that can be
 * deleted alone refer to each other's resources by these names only, never by an export.
 */

/** What a function is for; also the last part of its name, its role's and its log group's. */
export type FunctionPurpose =
  | "api"
  | "capture-drain"
  | "canary"
  | "alert-webhook"
  | "promotion-guard"
  | "batch-plan"
  | "batch-score"
  | "batch-finalise"
  | "manifest-public-key"
  | "network-setup";

/** What else runs under a role of its own. */
export type RolePurpose =
  | FunctionPurpose
  | "alert-chat"
  | "gateway-logs"
  | "batch-machine"
  | "batch-rule"
  | "capture-stream"
  | "deployment"
  | "flow-logs"
  | "model-publisher";

export type StackPurpose = "network" | "data-lake" | "alerts" | "scoring" | "batch" | "monitoring";

export interface ResourceNames {
  stack(purpose: StackPurpose): string;
  function(purpose: FunctionPurpose): string;
  /** Of a function's log, or of another log such as `api-access`. */
  logGroup(purpose: string): string;
  /** Of anything else that has one name a stage, such as a queue. */
  resource(purpose: string): string;
  readonly stateMachine: string;
  readonly deliveryStream: string;
  readonly api: string;
  /** Of the key that signs manifests of models. */
  readonly signingKeyAlias: string;
  readonly catalogDatabase: string;
  readonly predictionsTable: string;
  /** The view of that table with one row a prediction. */
  readonly predictionsView: string;
  /** CloudWatch namespace of the metrics that the functions write. */
  readonly metricNamespace: string;
}

/** Names of one stage's resources. They are unique in an account and region; `stage` keeps stages apart. */
export function resourceNames(stage: string): ResourceNames {
  const resource = (purpose: string) => `leadgauge-${stage}-${purpose}`;
  return {
    stack: resource,
    function: resource,
    logGroup: (purpose) => `/leadgauge/${stage}/${purpose}`,
    resource,
    stateMachine: resource("batch"),
    deliveryStream: resource("predictions"),
    api: `leadgauge-${stage}`,
    signingKeyAlias: `alias/${resource("manifests")}`,
    catalogDatabase: `leadgauge_${stage.replaceAll("-", "_")}`,
    predictionsTable: "predictions",
    predictionsView: "predictions_once",
    metricNamespace: "Leadgauge",
  };
}

/** The longest purpose that a role may be named for. */
export const LONGEST_PURPOSE = "manifest-public-key".length;
