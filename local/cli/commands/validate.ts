import { readFile, stat } from "node:fs/promises";
import { PackageError, validatePackage } from "../../../core/package/load.ts";
import { readSpec } from "../../../core/spec/read-spec.ts";
import { packageDirectory } from "../../files/package-directory.ts";
import { callerPath } from "../caller-directory.ts";
import type { ParsedCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { packageDirectoryOf } from "../model-reference.ts";
import { UsageError } from "../usage-error.ts";

const maximumSpecBytes = 1 << 20;

export const validate: ParsedCommand = {
  summary: "Checks a model package (checksums, shapes, every golden row) or a feature spec.",
  operands: [],
  options: {
    model: { value: "NAME_OR_DIR", help: "a package" },
    spec: { value: "FILE", help: "a feature spec; what is wrong is told by line and JSON pointer" },
  },
  notes: "Exit code 1: it is refused.",
  run: async (args) => {
    const model = args.values.get("model");
    const spec = args.values.get("spec");
    if ((model === undefined) === (spec === undefined)) {
      throw new UsageError("validate needs --model NAME_OR_DIR or --spec FILE, one of them.");
    }
    return model === undefined ? validateSpec(spec ?? "") : validateModel(model);
  },
};

async function validateModel(reference: string): Promise<number> {
  const { directory } = await packageDirectoryOf(reference);
  try {
    const report = await validatePackage(packageDirectory(directory));
    process.stdout.write(`${JSON.stringify({ status: "valid", ...report }, null, 2)}\n`);
    return exitCodes.success;
  } catch (error) {
    if (!(error instanceof PackageError)) throw error;
    process.stderr.write(`leadgauge: ${error.message}\n`);
    return exitCodes.failure;
  }
}

async function validateSpec(file: string): Promise<number> {
  const path = callerPath(file);
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw new UsageError(`There is no file ${file}.`);
  if (found.size > maximumSpecBytes)
    throw new UsageError(`${file} is larger than 1 MB, which a spec may be.`);
  const { spec, problems } = readSpec(await readFile(path, "utf8"));
  if (spec) {
    process.stdout.write(
      `${file} is a valid feature spec: ${spec.name}, ${spec.fields.length} fields, ${spec.features.length} features.\n`,
    );
    return exitCodes.success;
  }
  for (const { line, column, pointer, message } of problems) {
    process.stderr.write(`${file}:${line}:${column}: ${pointer || "/"}: ${message}\n`);
  }
  process.stderr.write(
    `leadgauge: ${file} has ${problems.length} problem${problems.length === 1 ? "" : "s"}.\n`,
  );
  return exitCodes.failure;
}
