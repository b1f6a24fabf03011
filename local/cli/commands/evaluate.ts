import { stat } from "node:fs/promises";
import { parseDropName } from "../../../core/batch/drop-name.ts";
import { FileError } from "../../../core/batch/file-error.ts";
import { assess } from "../../../core/evaluation/assess.ts";
import { readLabelled } from "../../../core/evaluation/read-labelled.ts";
import { loadPackage } from "../../../core/package/load.ts";
import { FileSource } from "../../files/file-source.ts";
import { packageDirectory } from "../../files/package-directory.ts";
import { callerPath } from "../caller-directory.ts";
import { type Arguments, type ParsedCommand, wholeNumber } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { packageDirectoryOf } from "../model-reference.ts";
import { UsageError } from "../usage-error.ts";

const largestSeed = 2 ** 32 - 1;

export const evaluate: ParsedCommand = {
  summary: "Scores a labelled file and prints, as JSON, how good the model is on it.",
  operands: [],
  options: {
    model: { value: "NAME_OR_DIR", help: "a registered model or a package's directory", isRequired: true },
    data: { value: "FILE", help: "leads with the target's column: CSV, JSONL or Parquet", isRequired: true },
    seed: { value: "N", help: "of the bootstrap intervals; default 0" },
  },
  notes:
    "Figures are defined in docs/metrics.md. Exit codes: 0 judged, 1 wrong usage, 2 no row could be used.",
  run,
};

async function run(args: Arguments): Promise<number> {
  const seed = wholeNumber(args, "seed", { minimum: 0, maximum: largestSeed, otherwise: 0 });
  const written = args.values.get("data") ?? "";
  const path = callerPath(written);
  if (!(await stat(path).catch(() => undefined))?.isFile())
    throw new UsageError(`There is no file ${written}.`);
  const { directory } = await packageDirectoryOf(args.values.get("model") ?? "");
  const model = await loadPackage(packageDirectory(directory), { goldenRows: 32 });
  const source = await FileSource.open(path);
  try {
    parseDropName(source.name);
  } catch (error) {
    if (error instanceof FileError) throw new UsageError(`${written} is not read. ${error.message}`);
    throw error;
  }
  try {
    const { rows, rejections, table } = await readLabelled(source, model);
    const report = {
      model: { name: model.name, version: model.version },
      data: { name: source.name, sha256: await source.sha256(), rows, rejections },
      ...assess(table, seed),
    };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return exitCodes.success;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    process.stderr.write(`leadgauge: ${written}: ${error.message}\n`);
    return exitCodes.nothingScored;
  }
}
