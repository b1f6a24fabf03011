import { stat } from "node:fs/promises";
import { join } from "node:path";
import { parseDropName } from "../../../core/batch/drop-name.ts";
import { FileError } from "../../../core/batch/file-error.ts";
import type { DropManifest } from "../../../core/batch/manifest.ts";
import { maximumReasons, maximumTop } from "../../../core/batch/score-drop.ts";
import {
  defaultTolerance,
  parseTolerance,
  type Tolerance,
  toleranceText,
} from "../../../core/batch/tolerance.ts";
import type { DropOptions } from "../../../core/batch/write-drop.ts";
import { furtherThreads, scoreFile } from "../../files/score-file.ts";
import { callerPath } from "../caller-directory.ts";
import { type Arguments, type ParsedCommand, wholeNumber } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { packageDirectoryOf } from "../model-reference.ts";
import { printable } from "../printable.ts";
import { ProgressBar } from "../progress-bar.ts";
import { UsageError } from "../usage-error.ts";

const defaultReasons = 3;

export const score: ParsedCommand = {
  summary: "Scores the leads of a file. The result has the file's own columns, and ours after them.",
  operands: ["FILE"],
  options: {
    model: {
      value: "NAME_OR_DIR",
      help: "a registered model (its production version) or a package's directory",
      isRequired: true,
    },
    out: { value: "DIR", help: "where the results go; made if need be", isRequired: true },
    reasons: {
      value: "N",
      help: `reasons that raise, and that lower, in columns; 0 to ${maximumReasons}, default ${defaultReasons}; 0 is fastest`,
    },
    top: { value: "N", help: "also write the N best leads, ranked" },
    tolerance: {
      value: "N or P%",
      help: `more rejected rows than this fail the file; default ${toleranceText(defaultTolerance)}`,
    },
  },
  notes: [
    "FILE is .csv, .tsv, .txt, .jsonl or .ndjson (each also with .gz) or .parquet.",
    "Results: NAME.scored.*, NAME.errors.csv (rows that can't be scored, with the reason), NAME.top.* and, last, manifest.json.",
    "Exit codes: 0 scored, 1 wrong usage, 2 nothing scored, 3 more rejected rows than the tolerance.",
  ].join("\n"),
  run,
};

async function run(args: Arguments): Promise<number> {
  const path = callerPath(args.operands[0] ?? "");
  const outDirectory = callerPath(args.values.get("out") ?? "");
  const options: DropOptions = {
    reasons: wholeNumber(args, "reasons", { minimum: 0, maximum: maximumReasons, otherwise: defaultReasons }),
    top: wholeNumber(args, "top", { minimum: 1, maximum: maximumTop, otherwise: 0 }),
    tolerance: tolerance(args.values.get("tolerance")),
  };
  await checkFile(path, args.operands[0] ?? "");
  const model = await packageDirectoryOf(args.values.get("model") ?? "");
  const bar = new ProgressBar();
  let abandon = () => {};
  const interrupt = () => {
    abandon();
    bar.end();
    process.exit(exitCodes.interrupted);
  };
  process.once("SIGINT", interrupt);
  process.once("SIGTERM", interrupt);
  const manifest = await scoreFile({
    path,
    outDirectory,
    model: { name: model.name, directory: async () => model.directory },
    options,
    threads: furtherThreads(),
    onProgress: ({ share, rows }) => bar.update(share, rows),
    onStart: (undo) => {
      abandon = undo;
    },
  }).finally(() => bar.end());
  return report(manifest, outDirectory);
}

function tolerance(text: string | undefined): Tolerance {
  if (text === undefined) return defaultTolerance;
  const parsed = parseTolerance(text);
  if (!parsed) {
    throw new UsageError(
      `--tolerance is "${text}"; a number of rows such as 100 or a share such as 5% is allowed.`,
    );
  }
  return parsed;
}

async function checkFile(path: string, asWritten: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new UsageError(`There is no file ${asWritten}.`);
  if (!found.isFile()) throw new UsageError(`${asWritten} is no file.`);
  try {
    parseDropName(path);
  } catch (error) {
    if (error instanceof FileError) throw new UsageError(`${asWritten} is not read. ${error.message}`);
    throw error;
  }
}

/** A few lines for the person, and what the exit code tells the program. */
function report(manifest: DropManifest, outDirectory: string): number {
  const { rows, error } = manifest;
  const count = (number: number) => number.toLocaleString("en-US");
  const counts = `${count(rows.in)} rows in, ${count(rows.scored)} scored, ${count(rows.rejected)} rejected`;
  const written = [...manifest.files.map(({ name }) => name), "manifest.json"];
  if (error) {
    if (error.code === "unusable_model" || error.code === "unknown_model") throw new UsageError(error.detail);
    process.stderr.write(
      `leadgauge: ${manifest.input.name}: ${printable(error.detail)}\n${counts}; see ${written.map((name) => join(outDirectory, name)).join(", ")}\n`,
    );
    return error.code === "tolerance_exceeded" ? exitCodes.toleranceExceeded : exitCodes.nothingScored;
  }
  const tiers = Object.entries(manifest.tiers).map(([tier, leads]) => `${tier} ${count(leads)}`);
  const { unknownColumns, noReasons } = manifest;
  process.stdout.write(
    [
      `${manifest.input.name} with ${manifest.model.name} ${manifest.model.version}: ${counts} (${manifest.durationInSeconds.toFixed(1)} s)`,
      `Tiers: ${tiers.join(", ")}`,
      ...(unknownColumns.length > 0
        ? [
            `Columns that the model does not know: ${unknownColumns.map((name) => printable(name) || "(one without a name)").join(", ")}`,
          ]
        : []),
      ...(noReasons ? [`The columns of reasons are empty: ${noReasons}`] : []),
      ...written.map((name) => `  ${join(outDirectory, name)}`),
      "",
    ].join("\n"),
  );
  return exitCodes.success;
}
