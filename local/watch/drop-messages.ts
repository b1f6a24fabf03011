import type { FileErrorCode } from "../../core/batch/file-error.ts";
import type { DropManifest } from "../../core/batch/manifest.ts";

/** One drop, as its thread is told of it. */
export interface DropOrder {
  readonly path: string;
  readonly outDirectory: string;
  readonly model: string;
  /** The package to score with, or why there is none. */
  readonly package:
    | { readonly directory: string }
    | { readonly code: FileErrorCode; readonly message: string };
}

export type DropAnswer =
  | { readonly kind: "done"; readonly manifest: DropManifest }
  | { readonly kind: "failed"; readonly message: string };
