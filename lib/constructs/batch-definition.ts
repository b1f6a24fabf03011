/**
 * The state machine of a drop, in Amazon States Language. Written out, not assembled from CDK's states: those widen the machine's role
 * by themselves.
 */

export interface BatchDefinitionProps {
  readonly partition: string;
  readonly bucketName: string;
  readonly functionArns: { readonly plan: string; readonly score: string; readonly finalise: string };
  readonly deadLetterUrl: string;
  readonly concurrentParts: number;
  readonly timeoutInSeconds: number;
}

/** Faults of Lambda itself and throttles: tried for some minutes, not all at the same moment. */
const serviceFaults = {
  ErrorEquals: [
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
  ],
  IntervalSeconds: 2,
  BackoffRate: 2,
  MaxDelaySeconds: 120,
  MaxAttempts: 8,
  JitterStrategy: "FULL",
};

/** What our code throws, its crashes and timeouts: mostly the same again, but not always. */
const ownFaults = {
  ErrorEquals: ["States.ALL"],
  IntervalSeconds: 5,
  BackoffRate: 3,
  MaxAttempts: 2,
  JitterStrategy: "FULL",
};

export function batchDefinition(props: BatchDefinitionProps): Record<string, unknown> {
  const { partition, bucketName, functionArns } = props;
  const invoke = (functionArn: string, payload: Record<string, unknown>) => ({
    Type: "Task",
    Resource: `arn:${partition}:states:::lambda:invoke`,
    Parameters: { FunctionName: functionArn, ...payload },
    OutputPath: "$.Payload",
    Retry: [serviceFaults, ownFaults],
  });
  const otherwise = (next: string) => ({
    Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: null, Next: next }],
  });
  const again = { Variable: "$.outcome", StringEquals: "again", Next: "Again" };
  return {
    Comment: "Scores a file that was dropped into the bucket.",
    TimeoutSeconds: props.timeoutInSeconds,
    StartAt: "Plan",
    States: {
      Plan: { ...invoke(functionArns.plan, { "Payload.$": "$" }), ...otherwise("GiveUp"), Next: "Planned" },
      Planned: {
        Type: "Choice",
        Choices: [
          { Variable: "$.outcome", StringEquals: "parts", Next: "ScoreParts" },
          { Variable: "$.outcome", StringEquals: "join", Next: "Finalise" },
          again,
        ],
        Default: "Done",
      },
      ScoreParts: {
        Type: "Map",
        ItemReader: {
          Resource: `arn:${partition}:states:::s3:getObject`,
          ReaderConfig: { InputType: "JSON" },
          Parameters: { Bucket: bucketName, "Key.$": "$.pending" },
        },
        ItemSelector: { "drop.$": "$.drop", "part.$": "$$.Map.Item.Value" },
        MaxConcurrency: props.concurrentParts,
        ItemProcessor: {
          ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
          StartAt: "ScorePart",
          States: {
            ScorePart: {
              ...invoke(functionArns.score, { "Payload.$": "$" }),
              ...otherwise("LeaveOut"),
              End: true,
            },
            // The other parts are scored all the same; what is missing is told at the end, and a redrive scores only that.
            LeaveOut: { Type: "Pass", Result: {}, End: true },
          },
        },
        ResultPath: null,
        ...otherwise("GiveUp"),
        Next: "Finalise",
      },
      Finalise: {
        ...invoke(functionArns.finalise, {
          Payload: { action: "finish", "drop.$": "$.drop", "again.$": "$.again" },
        }),
        ...otherwise("GiveUp"),
        Next: "Finalised",
      },
      Finalised: {
        Type: "Choice",
        Choices: [{ Variable: "$.outcome", StringEquals: "failed", Next: "KeepDeadLetter" }, again],
        Default: "Done",
      },
      // The file was replaced while its results were written: those of the one in its place are written once more, after them.
      Again: {
        Type: "Pass",
        Parameters: { detail: { object: { "key.$": "$.key" } }, again: true },
        Next: "Plan",
      },
      GiveUp: {
        ...invoke(functionArns.finalise, {
          Payload: { action: "give-up", "input.$": "$$.Execution.Input" },
        }),
        ...otherwise("KeepDeadLetter"),
        Next: "GivenUp",
      },
      GivenUp: { Type: "Choice", Choices: [again], Default: "KeepDeadLetter" },
      KeepDeadLetter: {
        Type: "Task",
        Resource: `arn:${partition}:states:::sqs:sendMessage`,
        Parameters: {
          QueueUrl: props.deadLetterUrl,
          MessageBody: { "execution.$": "$$.Execution.Id", "input.$": "$$.Execution.Input" },
        },
        Retry: [ownFaults],
        Next: "NotScored",
      },
      NotScored: {
        Type: "Fail",
        Error: "DropNotScored",
        Cause:
          "The drop was not scored, or not all of it. Its manifest says so; `leadgauge batch redrive` scores what is missing.",
      },
      Done: { Type: "Succeed" },
    },
  };
}
