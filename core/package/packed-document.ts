import { Workspace } from "../trees/kernel/workspace.ts";
import { PackageError } from "./package-error.ts";

/** Bytes of arrays that were decoded already: where they are in the workspace. */
export interface DecodedText {
  readonly at: number;
  readonly bytes: number;
}

/** A document that may hold arrays of numbers as base64, and where they are worked on. */
export class PackedArrays {
  #workspace: Workspace | undefined;
  readonly #decoded: readonly DecodedText[];

  constructor(workspace?: Workspace, decoded: readonly DecodedText[] = []) {
    this.#workspace = workspace;
    this.#decoded = decoded;
  }

  get workspace(): Workspace {
    this.#workspace ??= new Workspace(0);
    return this.#workspace;
  }

  /** Of a text that stands for one that was decoded; undefined for every other text. */
  decoded(text: string): DecodedText | undefined {
    return text.startsWith(mark) ? this.#decoded[Number(text.slice(mark.length))] : undefined;
  }
}

export interface PackedDocument {
  readonly value: unknown;
  readonly arrays: PackedArrays;
}

/** Shorter texts are as well parsed with the rest. */
const leastCharacters = 128;
const opening = '"data":"';
const quote = 0x22;
/** Starts the text that stands for a decoded one: no letter of base64, and JSON has one other way only to write it. */
const mark = "!";
const marks = [`"${mark}`, "\\u0021"];

type Bytes = Uint8Array & {
  includes(text: string): boolean;
  indexOf(text: string, from?: number): number;
};
/** Node's search for a text in bytes, where there is one. */
const native = (
  globalThis as { Buffer?: { from(buffer: ArrayBufferLike, at: number, length: number): Bytes } }
).Buffer;

/**
 * Parses the bytes of a JSON file. Long texts of base64 are decoded before the rest is parsed, which saves a process that has just started
 * strings of some hundred kilobytes and a collection that they bring about; a short text then stands for each. Throws PackageError.
 */
export function parsePacked(file: string, bytes: Uint8Array): PackedDocument {
  const taken = takeOut(bytes);
  if (taken === undefined) return { value: parse(file, decode(file, bytes)), arrays: new PackedArrays() };
  const { rest, workspace, decoded } = taken;
  return { value: parse(file, decode(file, rest)), arrays: new PackedArrays(workspace, decoded) };
}

/** Undefined: there is nothing to take out, or no means to do it. */
function takeOut(bytes: Uint8Array) {
  if (native === undefined) return undefined;
  const text = native.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (marks.some((each) => text.includes(each))) return undefined;
  const found = longTexts(text);
  if (found.length === 0) return undefined;
  const workspace = new Workspace(found.reduce((sum, { from, to }) => sum + (to - from), 0));
  if (!workspace.decodes) return undefined;
  const decoded: DecodedText[] = [];
  const rest = new Uint8Array(bytes.length);
  let copied = 0;
  let length = 0;
  for (const { from, to } of found) {
    const own = workspace.decode(text.subarray(from, to));
    if (own === undefined) continue;
    const name = new TextEncoder().encode(`${mark}${decoded.push(own) - 1}`);
    rest.set(bytes.subarray(copied, from), length);
    length += from - copied;
    rest.set(name, length);
    length += name.length;
    copied = to;
  }
  rest.set(bytes.subarray(copied), length);
  return { rest: rest.subarray(0, length + bytes.length - copied), workspace, decoded };
}

/** Where long texts of members `data` stand, between their quotes. What is no text of base64 in truth fails to be decoded. */
function longTexts(text: Bytes): { readonly from: number; readonly to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (let at = text.indexOf(opening); at >= 0; at = text.indexOf(opening, at)) {
    const from = at + opening.length;
    const to = text.indexOf(quote, from);
    if (to < 0) break;
    if (to - from >= leastCharacters) found.push({ from, to });
    at = to;
  }
  return found;
}

export function decode(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new PackageError(file, "is not UTF-8");
  }
}

export function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new PackageError(file, "is not JSON");
  }
}
