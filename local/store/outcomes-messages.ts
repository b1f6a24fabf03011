/** What the server and the thread with the embedded database tell each other. */
import type { Outcome, OutcomeStatus } from "../../core/ports.ts";

export type OutcomesOrder =
  | { readonly kind: "record"; readonly id: number; readonly outcomes: readonly Outcome[] }
  | { readonly kind: "close" };

export type OutcomesAnswer =
  | { readonly id: number; readonly statuses: readonly OutcomeStatus[] }
  | { readonly id: number; readonly problem: string };
