/** JSON as people edit it: where each value stands, and what is wrong with the text. */
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { type Path, pointerOf, type SpecProblem } from "./problem.ts";

const maximumDepth = 64;

const errorSentences: Readonly<Record<string, string>> = {
  InvalidSymbol:
    "this is not JSON here: a value is a text in double quotes, a number, true, false, null, { or [",
  InvalidNumberFormat: "this is not a JSON number",
  PropertyNameExpected: "a key in double quotes is expected here",
  ValueExpected: "a value is expected here",
  ColonExpected: "a colon is expected here",
  CommaExpected: "a comma is expected here",
  CloseBraceExpected: "a closing brace is expected here",
  CloseBracketExpected: "a closing bracket is expected here",
  EndOfFileExpected: "nothing may follow the document",
  InvalidCommentToken: "JSON has no comments",
  UnexpectedEndOfComment: "JSON has no comments",
  UnexpectedEndOfString: "this text has no closing quote",
  UnexpectedEndOfNumber: "this number is not complete",
  InvalidUnicode: "this is not a \\u escape of four hex digits",
  InvalidEscapeCharacter: "this is not an escape that JSON knows",
  InvalidCharacter: "this character must be escaped",
};

export class JsonText {
  readonly #text: string;
  readonly #isTooDeep: boolean;
  readonly #tree: Node | undefined;
  readonly #errors: ParseError[] = [];

  constructor(text: string) {
    this.#text = text;
    this.#isTooDeep = depthOf(text) > maximumDepth;
    this.#tree = this.#isTooDeep ? undefined : parseTree(text, this.#errors, { disallowComments: true });
  }

  /** The document; only where there are no problems. */
  value(): unknown {
    return JSON.parse(this.#text);
  }

  /** Of the text as JSON, keys that stand twice included. */
  problems(): SpecProblem[] {
    if (this.#isTooDeep) {
      return [this.#problem([], 0, `is nested deeper than ${maximumDepth} levels.`)];
    }
    if (this.#errors.length > 0 || this.#tree === undefined) {
      const [first] = this.#errors;
      const code = first === undefined ? "ValueExpected" : printParseErrorCode(first.error);
      const sentence = errorSentences[code] ?? "something is wrong here";
      return [this.#problem([], first?.offset ?? 0, `is not JSON: ${sentence}.`)];
    }
    return [...this.#duplicateKeys(this.#tree, [])];
  }

  /** A finding with the place in the text that it is about; of a missing key, the place of the object. */
  locate(path: Path, message: string): SpecProblem {
    for (let length = path.length; length >= 0 && this.#tree !== undefined; length--) {
      const node = findNodeAtLocation(this.#tree, path.slice(0, length));
      if (node !== undefined) return this.#problem(path, node.offset, message);
    }
    return this.#problem(path, 0, message);
  }

  *#duplicateKeys(node: Node, path: Path): Generator<SpecProblem> {
    if (node.type === "array") {
      for (const [index, child] of (node.children ?? []).entries())
        yield* this.#duplicateKeys(child, [...path, index]);
    }
    if (node.type !== "object") return;
    const seen = new Set<string>();
    for (const { children: [key, value] = [] } of node.children ?? []) {
      if (key === undefined || value === undefined) continue;
      const at = [...path, key.value as string];
      if (seen.has(key.value)) yield this.#problem(at, key.offset, "stands twice; remove one.");
      seen.add(key.value);
      yield* this.#duplicateKeys(value, at);
    }
  }

  #problem(path: Path, offset: number, message: string): SpecProblem {
    const before = this.#text.slice(0, offset);
    const line = before.split("\n").length;
    return { pointer: pointerOf(path), line, column: offset - (before.lastIndexOf("\n") + 1) + 1, message };
  }
}

/** Without recursion, so that a hostile text cannot exhaust the stack of the parser. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') {
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === "\\") i++;
    } else if (character === "{" || character === "[") deepest = Math.max(deepest, ++depth);
    else if (character === "}" || character === "]") depth--;
  }
  return deepest;
}
