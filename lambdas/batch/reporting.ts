import { DropFault } from "../../core/batch/parts/drop-fault.ts";
import type { FunctionTelemetry } from "../adapters/function-telemetry.ts";
import { LogEvent } from "../log-events.ts";
import { traceOf } from "../trace-of.ts";
import { whatOf } from "./what-of.ts";

/** What Lambda says of a call. */
export interface CallContext {
  readonly awsRequestId: string;
}

/** A handler whose faults are logged before the state machine is told of them; metrics are written either way. */
export function reporting<Output>(
  { telemetry }: { readonly telemetry: FunctionTelemetry },
  handle: (input: unknown) => Promise<Output>,
): (input: unknown, context: CallContext) => Promise<Output> {
  return async (input, { awsRequestId }) => {
    try {
      return await handle(input);
    } catch (error) {
      const trace = traceOf(error);
      telemetry.log({
        message: LogEvent.unexpectedError,
        level: "error",
        requestId: awsRequestId,
        ...whatOf(input),
        ...trace,
        ...(mayBeTold(error) && { problem: error.message }),
      });
      throw mayBeTold(error) ? error : withoutMessage(trace);
    } finally {
      telemetry.flush();
    }
  };
}

/** Our own words about a drop; or an answer of AWS: here that is S3, which says what it refused and knows nothing of what is in a file. */
function mayBeTold(error: unknown): error is Error {
  return error instanceof DropFault || (error instanceof Error && "$metadata" in error);
}

/** What is thrown is logged by Lambda too, and kept by the state machine. */
function withoutMessage({ error, stack }: { error: string; stack: string }): Error {
  const told = new Error("The line of this request in the function's log says where it happened.");
  told.name = error;
  told.stack = `${error}: ${told.message}\n${stack}`;
  return told;
}
