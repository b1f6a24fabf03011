import type { BlockResult } from "../../core/batch/block-result.ts";
import type { Block } from "../../core/batch/blocks.ts";
import type { FileErrorCode } from "../../core/batch/file-error.ts";
import type { ScorerSetup } from "../../core/batch/scoring-crew.ts";

/** What a crew tells its threads. */
export type CrewRequest =
  | { readonly kind: "open"; readonly id: number; readonly setup: ScorerSetup }
  | { readonly kind: "score"; readonly id: number; readonly block: Block };

/** What they answer. */
export type CrewAnswer =
  | { readonly kind: "ready"; readonly model: { readonly name: string; readonly version: string } }
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "opened"; readonly id: number }
  | { readonly kind: "scored"; readonly id: number; readonly result: BlockResult }
  | {
      readonly kind: "failed";
      readonly id: number;
      readonly message: string;
      /** Present if the file is at fault. */
      readonly code?: FileErrorCode;
    };

export interface CrewWorkerData {
  readonly packageDirectory: string;
}
