import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { validatePackage } from "../../../core/package/load.ts";
import { maximumDepth, maximumTrees } from "../../../core/package/tree-limits.ts";
import { predictorText } from "../../../core/trees/formats/predictor/write-predictor.ts";
import { load, ModelFileError, type RawModel } from "../../../core/trees/index.ts";
import { measuresOf } from "../../../core/trees/layouts/choose.ts";
import { readModelFile } from "../../files/model-file.ts";
import { packageDirectory } from "../../files/package-directory.ts";
import { runPython } from "../../python/run-python.ts";
import { callerDirectory, callerPath } from "../caller-directory.ts";
import type { Arguments, ParsedCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";

const maximumModelMegabytes = 256;

export const importModel: ParsedCommand = {
  summary:
    "Makes a model package of a model that another program has trained: XGBoost (JSON, UBJSON), LightGBM (text), scikit-learn.",
  operands: [],
  options: {
    spec: {
      value: "SPEC.json",
      help: "the feature spec whose fields the model's features are",
      isRequired: true,
    },
    model: { value: "FILE", help: "what save_model wrote; its content tells the format", isRequired: true },
    out: { value: "DIR", help: "where the package goes; absent or empty", isRequired: true },
    data: {
      value: "FILE",
      help: "labelled leads, to calibrate by and to take percentiles and the profile from",
    },
    features: { value: "FILE", help: "the model's features, a name a line, in place of those in its file" },
    rounds: { value: "all|best", help: "best: only the rounds up to early stopping's best; default all" },
    seed: { value: "N", help: "of golden rows and made-up leads (default: 0)" },
    force: { help: "replace a model package that is in DIR" },
  },
  notes: [
    "A feature is named as its field, or Field=category for a one-hot column; docs/importing.md tells the rest.",
    "The file is read by Leadgauge alone: neither its library nor a pickle is ever loaded.",
    "Exit code 1: the model, the spec or the data is refused, and nothing is written.",
  ].join("\n"),
  run,
};

async function run(args: Arguments): Promise<number> {
  const rounds = args.values.get("rounds") ?? "all";
  if (rounds !== "all" && rounds !== "best") {
    throw new UsageError(`--rounds is "${rounds}"; all and best are allowed.`);
  }
  const file = args.values.get("model") ?? "";
  const { bytes, document } = await documentOf(file, rounds);
  const scratch = await mkdtemp(join(tmpdir(), "leadgauge-import-"));
  try {
    const predictor = join(scratch, "predictor.json");
    await writeFile(predictor, document);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const origin = ["--origin", basename(file), sha256, String(bytes.length)];
    const code = await runPython(
      ["import", "--predictor", predictor, ...origin, ...passedOn(args)],
      callerDirectory(),
    );
    if (code !== exitCodes.success) return code;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  // What Python wrote must say the same here, golden row by golden row.
  const out = callerPath(args.values.get("out") ?? "");
  try {
    await validatePackage(packageDirectory(out));
  } catch (error) {
    await rm(out, { recursive: true, force: true });
    throw error;
  }
  return exitCodes.success;
}

function passedOn({ values, switches }: Arguments): string[] {
  const words = ["spec", "out", "data", "features", "seed"].flatMap((name) => {
    const value = values.get(name);
    return value === undefined ? [] : [`--${name}`, value];
  });
  return switches.has("force") ? [...words, "--force"] : words;
}

async function documentOf(
  file: string,
  rounds: "all" | "best",
): Promise<{ bytes: Uint8Array; document: string }> {
  try {
    const bytes = await readModelFile(file, maximumModelMegabytes);
    const { raw } = load(bytes, { rounds });
    checkSize(raw);
    return { bytes, document: predictorText(raw, familyOf(raw)) };
  } catch (error) {
    throw error instanceof ModelFileError ? new UsageError(`${file}: ${error.message}`) : error;
  }
}

/** Refuses early what no package could hold. */
function checkSize({ predictor }: RawModel): void {
  if (predictor.kind === "linear") return;
  const { depth } = measuresOf(predictor);
  const trees = predictor.treeOutput.length;
  if (depth > maximumDepth) {
    throw new ModelFileError(
      `has a tree of ${depth} levels; a package holds up to ${maximumDepth}`,
      "the model",
    );
  }
  if (trees > maximumTrees) {
    throw new ModelFileError(`has ${trees} trees; a package holds up to ${maximumTrees}`, "the model");
  }
}

function familyOf({ format, family }: RawModel): string {
  if (format === "lightgbm-text") return "lightgbm";
  return format === "leadgauge-predictor" ? (family ?? "") : "xgboost";
}
