import type { RowErrorCode } from "../batch/block-result.ts";
import { blockBytes } from "../batch/blocks.ts";
import { checkHeader, checkKeys } from "../batch/check-columns.ts";
import { CsvCursor } from "../batch/csv/csv-cursor.ts";
import { openCsv } from "../batch/csv/csv-file.ts";
import { parseDropName } from "../batch/drop-name.ts";
import type { DropSource } from "../batch/drop-ports.ts";
import { FileError } from "../batch/file-error.ts";
import { JsonlCursor } from "../batch/jsonl/jsonl-cursor.ts";
import { openJsonl } from "../batch/jsonl/jsonl-file.ts";
import { cellReader } from "../batch/parquet/parquet-cells.ts";
import { openParquet } from "../batch/parquet/parquet-file.ts";
import type { LoadedModel } from "../package/load.ts";
import type { RawValue, Score } from "../scoring/result.ts";
import { scoreTogether } from "../scoring/score-together.ts";
import type { BoundHeader, LeadsTogether } from "../scoring/scoring-model.ts";
import { type Label, LabelReader } from "./labels.ts";
import type { OutcomeTable } from "./outcome-table.ts";

/** What became of a labelled file's rows: `in` = `used` + `unlabelled` + `rejected`. */
export interface LabelledRows {
  readonly rows: {
    readonly in: number;
    readonly used: number;
    readonly unlabelled: number;
    readonly rejected: number;
  };
  readonly rejections: Readonly<Partial<Record<RowErrorCode | "unknown_label", number>>>;
  readonly table: OutcomeTable;
}

/** Scores a labelled file. Throws `FileError` if it can't be read, has no column of the target, or no row that can be used. */
export async function readLabelled(source: DropSource, model: LoadedModel): Promise<LabelledRows> {
  const { format } = parseDropName(source.name);
  const reader = new LabelReader(model.spec);
  const collector = new OutcomeCollector(model);
  if (format === "csv") await readCsv(source, model, reader, collector);
  else if (format === "jsonl") await readJsonl(source, model, reader, collector);
  else await readParquet(source, model, reader, collector);
  return collector.finish(reader);
}

async function readCsv(
  source: DropSource,
  model: LoadedModel,
  reader: LabelReader,
  collector: OutcomeCollector,
) {
  const csv = await openCsv(source.chunks());
  const bound = bind(model, csv.header);
  const cursor = new CsvCursor(
    csv.header,
    csv.dialect,
    csv.header.map(() => true),
  );
  const together = bound.startRows(0);
  for await (const block of csv.blocks(blockBytes)) {
    cursor.open(block);
    collector.take(
      labelled(cursor.rows(), (cells) => reader.read(cells[bound.targetColumn])),
      together,
    );
  }
}

async function readJsonl(
  source: DropSource,
  model: LoadedModel,
  reader: LabelReader,
  collector: OutcomeCollector,
) {
  const cursor = new JsonlCursor();
  const together = model.startLeads(0);
  const { keys, blocks } = await openJsonl(source.chunks(), blockBytes);
  checkKeys(model, keys);
  for await (const block of blocks) {
    cursor.open(block);
    collector.take(
      labelled(cursor.rows(), (lead) => reader.readFrom(lead)),
      together,
    );
  }
}

async function readParquet(
  source: DropSource,
  model: LoadedModel,
  reader: LabelReader,
  collector: OutcomeCollector,
) {
  const file = await openParquet(source);
  const bound = bind(
    model,
    file.columns.map(({ element }) => element.name),
  );
  const readers = file.columns.map(cellReader);
  for (const group of file.rowGroups) {
    const stored = await file.read(group);
    function* rows() {
      for (let row = 0; row < group.rows; row++) {
        const cells = readers.map((read, column): RawValue => read(stored[column]?.[row]));
        yield [{ problem: undefined }, cells] as const;
      }
    }
    collector.take(
      labelled(rows(), (cells) => reader.read(cells[bound.targetColumn])),
      bound.startRows(0),
    );
  }
}

function bind(model: LoadedModel, header: readonly string[]): BoundHeader {
  checkHeader(model, header);
  const bound = model.bindHeader(header);
  if (bound.targetColumn < 0) {
    throw new FileError(
      "invalid_header",
      `The file has no column "${model.spec.target.field}", the target of ${model.name}: without outcomes there is nothing to judge by.`,
    );
  }
  return bound;
}

type Problem = { readonly code: RowErrorCode } | undefined;

interface LabelledRow {
  readonly label: Label;
  readonly problem: Problem;
}

/** Rows with their labels; only those that have a class are scored. */
function* labelled<Lead>(
  rows: Iterable<readonly [{ readonly problem: Problem }, Lead | undefined]>,
  labelOf: (lead: Lead) => Label,
): Generator<readonly [LabelledRow, Lead | undefined]> {
  for (const [{ problem }, lead] of rows) {
    const label = lead === undefined ? "none" : labelOf(lead);
    yield [{ label, problem }, typeof label === "number" ? lead : undefined];
  }
}

class OutcomeCollector {
  readonly #model: LoadedModel;
  readonly #labels: number[] = [];
  readonly #predictions: number[] = [];
  readonly #tiers: number[] = [];
  readonly #probabilities: number[][];
  readonly #rejections = new Map<RowErrorCode | "unknown_label", number>();
  #in = 0;
  #unlabelled = 0;

  constructor(model: LoadedModel) {
    this.#model = model;
    this.#probabilities = model.classes.map(() => []);
  }

  #reject(code: RowErrorCode | "unknown_label"): void {
    this.#in++;
    this.#rejections.set(code, (this.#rejections.get(code) ?? 0) + 1);
  }

  take<Lead>(rows: Iterable<readonly [LabelledRow, Lead | undefined]>, together: LeadsTogether<Lead>): void {
    for (const [{ label, problem }, result] of scoreTogether(rows, together)) {
      if (problem !== undefined) this.#reject(problem.code);
      else if (label === "unknown") this.#reject("unknown_label");
      else if (label === "none") {
        this.#in++;
        this.#unlabelled++;
      } else if (result?.status === "scored") this.#add(label, result);
      else this.#reject(result?.errors[0]?.code ?? "invalid_text");
    }
  }

  finish(reader: LabelReader): LabelledRows {
    const used = this.#labels.length;
    const rejected = this.#in - used - this.#unlabelled;
    if (used === 0) {
      throw new FileError(
        "nothing_scored",
        `None of the ${this.#in} rows can be used: ${this.#unlabelled} have no outcome, ${rejected} were rejected. Outcomes are written as: ${reader.allowed}.`,
      );
    }
    return {
      rows: { in: this.#in, used, unlabelled: this.#unlabelled, rejected },
      rejections: Object.fromEntries(this.#rejections),
      table: {
        classes: this.#model.classes,
        tiers: this.#model.spec.tiers.map(({ name }) => name),
        tierClasses: this.#model.spec.tiers.map(({ class: name = "" }) => this.#model.classes.indexOf(name)),
        labels: Int32Array.from(this.#labels),
        predictions: Int32Array.from(this.#predictions),
        tierOfRow: Int32Array.from(this.#tiers),
        probabilities: this.#probabilities.map((values) => Float64Array.from(values)),
      },
    };
  }

  #add(label: number, score: Score): void {
    const { classes, spec } = this.#model;
    this.#in++;
    this.#labels.push(label);
    this.#predictions.push(classes.indexOf(score.prediction));
    this.#tiers.push(spec.tiers.findIndex(({ name }) => name === score.tier));
    this.#probabilities.forEach((values, k) => {
      const ofBinary = k === 1 ? score.probability : 1 - score.probability;
      values.push(score.probabilities?.[classes[k] as string] ?? ofBinary);
    });
  }
}
