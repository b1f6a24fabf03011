import { once } from "node:events";
import { stat } from "node:fs/promises";
import { load, type Model, ModelFileError } from "../../../core/trees/index.ts";
import { readModelFile } from "../../files/model-file.ts";
import { rawRows } from "../../files/raw-rows.ts";
import { callerPath } from "../caller-directory.ts";
import type { Arguments, ParsedCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";

const maximumModelMegabytes = 1_024;
const charactersPerWrite = 1 << 16;

export const predictRaw: ParsedCommand = {
  summary:
    "Predicts rows of raw feature values by a model file of XGBoost (JSON, UBJSON), LightGBM (text) or scikit-learn (exported).",
  operands: [],
  options: {
    model: { value: "FILE", help: "what save_model wrote; its content tells the format", isRequired: true },
    rows: {
      value: "ROWS.csv",
      help: "a line a row, a cell a feature, no header; an empty cell is missing",
      isRequired: true,
    },
    transform: { help: "what the library's predict answers, such as probabilities, instead of the margins" },
    contributions: { help: "instead of the margins, what each feature adds to them, and the bias" },
    rounds: { value: "all|best", help: "best: only the rounds up to early stopping's best; default all" },
  },
  notes: [
    "Prints a line a row and a column a class; contributions: the features and then the bias, classes in turn.",
    "Numbers are the shortest decimals that give the same double, of which a margin of XGBoost is one that float32 holds.",
    "A cell may be nan, inf or -inf. Where the model file lists a column's categories, a cell is one of them; in place of a name, its code may stand (not for scikit-learn; for LightGBM a number is always a code).",
    "A category that the model doesn't know is missing for LightGBM and scikit-learn, and refused for XGBoost, as by their Python packages.",
    "Exit code 1: the model or a row is refused.",
  ].join("\n"),
  run,
};

async function run(args: Arguments): Promise<number> {
  if (args.switches.has("transform") && args.switches.has("contributions")) {
    throw new UsageError("predict-raw takes --transform or --contributions, not both.");
  }
  const rounds = args.values.get("rounds") ?? "all";
  if (rounds !== "all" && rounds !== "best") {
    throw new UsageError(`--rounds is "${rounds}"; all and best are allowed.`);
  }
  const rows = args.values.get("rows") ?? "";
  const found = await stat(callerPath(rows)).catch(() => undefined);
  if (!found?.isFile()) throw new UsageError(`There is no file ${rows}.`);
  const model = await readModel(args.values.get("model") ?? "", rounds);
  const answer = answerOf(model, args.switches);
  const together = new Float64Array(rowsTogether(model) * model.features);
  let text = "";
  let count = 0;
  const answerRows = () => {
    const numbers = answer(together.subarray(0, count * model.features), count);
    const width = numbers.length / count;
    for (let row = 0; row < count; row++) {
      text += `${Array.from(numbers.subarray(row * width, (row + 1) * width), shortest).join(",")}\n`;
    }
    count = 0;
  };
  try {
    for await (const row of rawRows(callerPath(rows), model.raw)) {
      together.set(row, count++ * model.features);
      if (count < rowsTogether(model)) continue;
      answerRows();
      if (text.length < charactersPerWrite) continue;
      await write(text);
      text = "";
    }
    if (count > 0) answerRows();
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`${rows}: ${error.message}`) : error;
  }
  await write(text);
  return exitCodes.success;
}

async function readModel(file: string, rounds: "all" | "best"): Promise<Model> {
  try {
    return load(await readModelFile(file, maximumModelMegabytes), { rounds });
  } catch (error) {
    throw error instanceof ModelFileError ? new UsageError(`${file}: ${error.message}`) : error;
  }
}

/** Rows answered at once, unless their numbers would take more than a few megabytes. */
function rowsTogether({ outputs, features }: Model): number {
  // A model without features has nothing that could be laid one behind the other.
  if (features === 0) return 1;
  return Math.max(1, Math.min(128, Math.floor((1 << 20) / (outputs * (features + 1)))));
}

/** The numbers to print for so many rows, those of each behind the other. */
function answerOf(
  model: Model,
  switches: ReadonlySet<string>,
): (rows: Float64Array, count: number) => Float64Array {
  const { outputs, features, transformedOutputs } = model;
  if (switches.has("contributions")) {
    return (rows, count) => {
      const out = new Float64Array(count * outputs * (features + 1));
      model.contributions(rows, out);
      return out;
    };
  }
  return (rows, count) => {
    const margins = new Float64Array(count * outputs);
    model.predict(rows, margins);
    if (!switches.has("transform")) return margins;
    const transformed = new Float64Array(count * transformedOutputs);
    for (let row = 0; row < count; row++) {
      model.transform(
        margins.subarray(row * outputs, (row + 1) * outputs),
        transformed.subarray(row * transformedOutputs, (row + 1) * transformedOutputs),
      );
    }
    return transformed;
  };
}

/** -0 keeps its sign. */
function shortest(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}
