import type { WarningCode } from "../scoring/result.ts";
import type { RowErrorCode } from "./block-result.ts";
import type { Dialect } from "./csv/dialect.ts";
import type { FileFormat } from "./drop-name.ts";
import type { FileErrorCode } from "./file-error.ts";

/** A result file as it was written. */
export interface FinishedFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What became of a file: written last, so that who sees it sees whole results. */
export interface DropManifest {
  readonly formatVersion: 1;
  readonly kind: "leadgauge-scored-file";
  readonly status: "succeeded" | "failed";
  /** Why it failed. The scored file is then not kept; the errors file is. */
  readonly error?: { readonly code: FileErrorCode; readonly detail: string };
  readonly input: {
    readonly name: string;
    readonly bytes: number;
    readonly sha256: string;
    readonly format?: FileFormat;
    readonly compression: "gzip" | null;
    readonly dialect?: Dialect;
  };
  /** `version` is null if no model could be loaded. */
  readonly model: { readonly name: string; readonly version: string | null };
  readonly options: {
    readonly reasons: number;
    readonly top: number | null;
    /** Such as `50%` or `100`. */
    readonly tolerance: string;
  };
  /** Why the columns of reasons are empty; absent where they are not. */
  readonly noReasons?: string;
  /** `in` = `scored` + `rejected`. */
  readonly rows: { readonly in: number; readonly scored: number; readonly rejected: number };
  readonly blankLines: number;
  readonly windows1252Rows: number;
  readonly rejections: Readonly<Partial<Record<RowErrorCode, number>>>;
  readonly warnings: Readonly<Partial<Record<WarningCode, number>>>;
  readonly tiers: Readonly<Record<string, number>>;
  readonly unknownColumns: readonly string[];
  readonly files: readonly FinishedFile[];
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly durationInSeconds: number;
}
