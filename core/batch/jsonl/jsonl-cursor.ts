import { isObject } from "../../json/is-object.ts";
import { parseStrictJson } from "../../json/strict-json.ts";
import type { RawLead } from "../../scoring/result.ts";
import type { RowErrorCode } from "../block-result.ts";
import type { Block } from "../blocks.ts";
import { maximumRecordBytes } from "../csv/record-scanner.ts";
import { decodeText, decodeUtf8 } from "../csv/text-encoding.ts";
import { isResultColumn } from "../result-columns.ts";

const lineFeed = 10;
/** So much of an overlong line is decoded to be shown. */
const shownBytes = 1 << 16;

/** Why a line is no lead. */
export interface LineProblem {
  readonly code: RowErrorCode;
  readonly column: string;
  readonly detail: string;
}

/** What is still to be known of a line when the cursor has gone on. */
export type JsonlRow = Pick<JsonlCursor, "problem" | "start" | "end" | "isEmpty" | "lines">;

/** Walks over the lines of blocks, one at a time; its fields tell of the line it stands at. */
export class JsonlCursor {
  problem: LineProblem | undefined = undefined;
  /** The line's fields, where `problem` is undefined. */
  lead: RawLead = {};
  /** The line's object has no members. */
  isEmpty = false;
  /** Where the line stands in the block, with its line end. */
  start = 0;
  end = 0;
  /** Lines so far, with this one. */
  lines = 0;
  blankLines = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #overlongLineBytes: number | undefined;

  open(block: Block): void {
    this.#bytes = block.bytes;
    this.#overlongLineBytes = block.overlongLineBytes;
    this.end = 0;
    this.lines = 0;
    this.blankLines = 0;
  }

  /** Goes to the next line that is not blank; false at the block's end. */
  next(): boolean {
    while (this.end < this.#bytes.length) {
      this.start = this.end;
      const lineEnd = this.#overlongLineBytes === undefined ? this.#bytes.indexOf(lineFeed, this.start) : -1;
      this.end = lineEnd === -1 ? this.#bytes.length : lineEnd + 1;
      this.lines++;
      this.problem = undefined;
      if (this.#read(this.#bytes.subarray(this.start, this.end))) return true;
      this.blankLines++;
    }
    return false;
  }

  /** The lines to come, and of each the lead if it has one. */
  *rows(): Generator<readonly [JsonlRow, RawLead | undefined]> {
    while (this.next()) {
      const { problem, start, end, isEmpty, lines } = this;
      yield [{ problem, start, end, isEmpty, lines }, problem === undefined ? this.lead : undefined];
    }
  }

  /** A line's own text, without its end; of an overlong line its beginning. */
  rawText({ start, end, problem }: Pick<JsonlRow, "start" | "end" | "problem">): string {
    const shownEnd = problem?.code === "record_too_long" ? start + shownBytes : end;
    return decodeText(this.#bytes.subarray(start, shownEnd)).replace(/\r?\n$/, "");
  }

  /** False if the line is blank. */
  #read(line: Uint8Array): boolean {
    const length = this.#overlongLineBytes ?? line.length - (line.at(-1) === lineFeed ? 1 : 0);
    if (length > maximumRecordBytes) {
      return this.#fail(
        "record_too_long",
        `The line has ${length} bytes; at most ${maximumRecordBytes} are read.`,
      );
    }
    const text = decodeUtf8(line);
    if (text === undefined)
      return this.#fail("invalid_encoding", "The line is not valid UTF-8, as JSON must be.");
    if (text.trim() === "") return false;
    const parsed = parseStrictJson(text);
    if (!parsed.ok) {
      return this.#fail(
        "invalid_json",
        `${parsed.problem.detail} (column ${parsed.problem.column} of the line)`,
      );
    }
    const { value } = parsed;
    if (!isObject(value)) return this.#fail("invalid_json", "A line must hold one JSON object.");
    const keys = Object.keys(value);
    const reserved = keys.find(isResultColumn);
    if (reserved !== undefined) {
      return this.#fail(
        "already_scored",
        `The lead has ${reserved} already: take it out to score it again.`,
        reserved,
      );
    }
    this.isEmpty = keys.length === 0;
    this.lead = leadOf(value);
    return true;
  }

  #fail(code: RowErrorCode, detail: string, column = ""): true {
    this.problem = { code, column, detail };
    return true;
  }
}

/** `{"leadId", "fields"}` as the API takes it, or an object whose members are the fields. */
function leadOf(value: Record<string, unknown>): RawLead {
  if (isObject(value.fields)) return value.fields;
  if (!Object.hasOwn(value, "leadId")) return value;
  const { leadId: _, ...fields } = value;
  return fields;
}
