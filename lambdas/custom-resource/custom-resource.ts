/** How a function answers CloudFormation when it stands behind a custom resource. */
import type { CloudFormationCustomResourceEvent, Context } from "aws-lambda";

export type Attributes = Readonly<Record<string, string>>;

/**
 * Handler of a custom resource. `apply` is called on Create and Update with the resource's properties and gives its attributes;
 * Delete does nothing: what it sets up ends with the resource that it is set up on.
 * The physical id is constant: another one would make CloudFormation delete the old resource after an update, or a rollback.
 * CloudFormation always gets an answer: without one the stack would hang for an hour.
 */
export function customResource(
  physicalResourceId: string,
  apply: (properties: Readonly<Record<string, unknown>>) => Promise<Attributes>,
): (event: CloudFormationCustomResourceEvent, context: Pick<Context, "logStreamName">) => Promise<void> {
  return async (event, { logStreamName }) => {
    const answer = async (result: { Status: "SUCCESS" | "FAILED"; Reason?: string; Data?: Attributes }) => {
      const { StackId, RequestId, LogicalResourceId, ResponseURL } = event;
      const body = {
        StackId,
        RequestId,
        LogicalResourceId,
        PhysicalResourceId: physicalResourceId,
        ...result,
      };
      const response = await fetch(ResponseURL, {
        method: "PUT",
        body: JSON.stringify(body),
        // The signature of the address covers an empty content type.
        headers: { "content-type": "" },
      });
      if (!response.ok) throw new Error(`CloudFormation took the answer with status ${response.status}.`);
    };
    let data: Attributes = {};
    try {
      if (event.RequestType !== "Delete") data = await apply(event.ResourceProperties);
    } catch (error) {
      const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      return answer({ Status: "FAILED", Reason: `${reason} (log stream ${logStreamName})` });
    }
    return answer({ Status: "SUCCESS", Data: data });
  };
}

/** A property of a custom resource that has to be there. */
export function textProperty(properties: Readonly<Record<string, unknown>>, name: string): string {
  const value = properties[name];
  if (typeof value !== "string" || value === "") throw new Error(`The property ${name} has to be a text.`);
  return value;
}
