/** The calls that a state machine makes with its role, read from its definition in the Amazon States Language. */
import type { ResolvedStage, Resource } from "./resolved-stage.ts";

export interface DefinedCall {
  readonly action: string;
  /** An ARN; of an object whose key the execution tells, its bucket's. */
  readonly resource: string;
}

interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly ItemReader?: Integration;
  readonly ResultWriter?: Integration;
  readonly ItemProcessor?: Machine;
  readonly Branches?: readonly Machine[];
}

type Integration = Pick<State, "Resource" | "Parameters">;

interface Machine {
  readonly States: Readonly<Record<string, State>>;
}

export function callsOfDefinition(stage: ResolvedStage, machine: Resource): DefinedCall[] {
  return callsOfStates(stage, JSON.parse(String(machine.properties.DefinitionString)));
}

function callsOfStates(stage: ResolvedStage, { States }: Machine): DefinedCall[] {
  return Object.values(States).flatMap((state) => {
    const integrations = [state.ItemReader, state.ResultWriter, state.Type === "Task" ? state : undefined];
    const inner = [state.ItemProcessor, ...(state.Branches ?? [])].filter((each) => each !== undefined);
    return [
      ...integrations.filter((each) => each !== undefined).map((each) => callOf(stage, each)),
      ...inner.flatMap((each) => callsOfStates(stage, each)),
    ];
  });
}

/** Throws for an integration that this does not know: whoever adds one says here what it calls. */
function callOf(stage: ResolvedStage, { Resource = "", Parameters = {} }: Integration): DefinedCall {
  const bucket = `arn:aws:s3:::${Parameters.Bucket}`;
  switch (Resource.replace(/^arn:aws:states:::/, "")) {
    case "lambda:invoke":
      return { action: "lambda:InvokeFunction", resource: String(Parameters.FunctionName) };
    case "sqs:sendMessage": {
      const queue = stage
        .ofType("AWS::SQS::Queue")
        .find(({ physicalId }) => physicalId === Parameters.QueueUrl);
      return { action: "sqs:SendMessage", resource: queue?.arn ?? String(Parameters.QueueUrl) };
    }
    case "s3:getObject":
      return { action: "s3:GetObject", resource: bucket };
    case "s3:putObject":
      return { action: "s3:PutObject", resource: bucket };
    default:
      throw new Error(`The definition uses ${Resource}, of which no permission is known.`);
  }
}
