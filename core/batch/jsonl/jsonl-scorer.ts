import { parseStrictJson } from "../../json/strict-json.ts";
import type { RawLead, Score } from "../../scoring/result.ts";
import type { ScoringModel } from "../../scoring/scoring-model.ts";
import { type BlockResult, BlockTally } from "../block-result.ts";
import type { Block } from "../blocks.ts";
import { maximumRecordBytes } from "../csv/record-scanner.ts";
import { decodeText, decodeUtf8 } from "../csv/text-encoding.ts";
import { GrowingBytes } from "../growing-bytes.ts";
import { isResultColumn, resultColumns, resultValues } from "../result-columns.ts";
import type { RowScorer, ScoringOptions } from "../row-scorer.ts";

const lineFeed = 10;

/** Scores blocks of a JSONL file: a scored line is the caller's own object with our members at its end. */
export class JsonlScorer implements RowScorer {
  readonly #model: ScoringModel;
  readonly #options: ScoringOptions;
  readonly #keys: readonly string[];

  constructor(model: ScoringModel, options: ScoringOptions) {
    this.#model = model;
    this.#options = options;
    this.#keys = resultColumns(options.reasons).map(({ name }) => JSON.stringify(name));
  }

  score(block: Block): BlockResult {
    const tally = new BlockTally(this.#options.top);
    const { bytes } = block;
    const output = new GrowingBytes(bytes.length + (bytes.length >> 1));
    for (let position = 0; position < bytes.length; ) {
      const lineEnd = bytes.indexOf(lineFeed, position);
      const next = lineEnd === -1 ? bytes.length : lineEnd + 1;
      this.#scoreLine(bytes.subarray(position, next), block.overlongLineBytes, output, tally);
      tally.lines++;
      position = next;
    }
    return tally.result(output.take());
  }

  #scoreLine(
    bytes: Uint8Array,
    overlongLineBytes: number | undefined,
    output: GrowingBytes,
    tally: BlockTally,
  ): void {
    const line = tally.lines + 1;
    const length = overlongLineBytes ?? bytes.length;
    if (length > maximumRecordBytes) {
      tally.rows++;
      const detail = `The line has ${length} bytes; at most ${maximumRecordBytes} are read.`;
      tally.reject("", "record_too_long", detail, decodeText(bytes.subarray(0, 65_536)), line);
      return;
    }
    const text = decodeUtf8(bytes);
    if (text !== undefined && /^\s*$/.test(text)) {
      tally.blankLines++;
      return;
    }
    tally.rows++;
    const raw = (text ?? decodeText(bytes)).replace(/\r?\n$/, "");
    if (text === undefined) {
      tally.reject("", "invalid_encoding", "The line is not valid UTF-8, as JSON must be.", raw, line);
      return;
    }
    const parsed = parseStrictJson(text);
    if (!parsed.ok) {
      const { detail, column } = parsed.problem;
      tally.reject("", "invalid_json", `${detail} (column ${column} of the line)`, raw, line);
      return;
    }
    const { value } = parsed;
    if (!isObject(value)) {
      tally.reject("", "invalid_json", "A line must hold one JSON object.", raw, line);
      return;
    }
    const reserved = Object.keys(value).find(isResultColumn);
    if (reserved !== undefined) {
      tally.reject(
        reserved,
        "already_scored",
        `The lead has ${reserved} already: take it out to score it again.`,
        raw,
        line,
      );
      return;
    }
    const result = this.#model.score(leadOf(value), this.#options.reasons);
    if (result.status === "rejected") {
      tally.rejectLead(result.errors, raw, line);
      return;
    }
    const start = output.length;
    const closing = text.lastIndexOf("}");
    const separator = Object.keys(value).length === 0 ? "" : ",";
    output.appendText(text.slice(0, closing) + separator + this.#members(result) + text.slice(closing));
    tally.countScore(result, start, output.length);
  }

  #members(score: Score): string {
    const named = { ...score, warnings: score.warnings.filter(({ code }) => code !== "unknown_fields") };
    return resultValues(named, this.#options.reasons, this.#model.version)
      .map((value, index) => `${this.#keys[index]}:${JSON.stringify(value)}`)
      .join(",");
  }
}

/** `{"leadId", "fields"}` as the API takes it, or an object whose members are the fields. */
function leadOf(value: Record<string, unknown>): RawLead {
  if (isObject(value.fields)) return value.fields;
  if (!("leadId" in value)) return value;
  const { leadId: _, ...fields } = value;
  return fields;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
