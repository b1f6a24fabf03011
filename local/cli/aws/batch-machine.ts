/** The state machine of a deployed Leadgauge that scores dropped files. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  paginateListStateMachines,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { explained } from "./explain-aws-error.ts";

const machineName = /^leadgauge-.+-batch$/;
const pollInMilliseconds = 2_000;

/** How an execution ended. */
export interface Ending {
  readonly status: "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";
  /** What the last step told, if it succeeded. */
  readonly output: { readonly outcome?: string; readonly reason?: string };
}

export class BatchMachine {
  readonly #client: SFNClient;
  readonly #arn: string;

  private constructor(client: SFNClient, arn: string) {
    this.#client = client;
    this.#arn = arn;
  }

  /** The one whose definition names this bucket. Throws an error for the person who called if there is none. */
  static async ofBucket(bucket: string): Promise<BatchMachine> {
    const refused =
      "AWS refuses it to these credentials. They need states:ListStateMachines, DescribeStateMachine, StartExecution and DescribeExecution.";
    const client = explained(new SFNClient(), {
      AccessDenied: refused,
      AccessDeniedException: refused,
    });
    for await (const { stateMachines = [] } of paginateListStateMachines({ client }, {})) {
      for (const { name = "", stateMachineArn } of stateMachines) {
        if (!machineName.test(name)) continue;
        const { definition } = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
        if (definition?.includes(JSON.stringify(bucket)) && stateMachineArn)
          return new BatchMachine(client, stateMachineArn);
      }
    }
    throw new Error(
      `No batch stack of a Leadgauge in this account and region works on the bucket ${bucket}. Check AWS_PROFILE and AWS_REGION.`,
    );
  }

  /** Scores a drop, as its event would. @returns the execution's ARN */
  async start(key: string, rescore: boolean): Promise<string> {
    const input = JSON.stringify({ detail: { object: { key } }, ...(rescore && { rescore }) });
    const command = new StartExecutionCommand({ stateMachineArn: this.#arn, input });
    const { executionArn } = await this.#client.send(command);
    if (executionArn === undefined) throw new Error("Step Functions started an execution without naming it.");
    return executionArn;
  }

  async ended(executionArn: string): Promise<Ending> {
    for (;;) {
      const { status, output } = await this.#client.send(new DescribeExecutionCommand({ executionArn }));
      if (status !== undefined && status !== "RUNNING" && status !== "PENDING_REDRIVE")
        return { status, output: JSON.parse(output ?? "{}") };
      await sleep(pollInMilliseconds);
    }
  }
}
