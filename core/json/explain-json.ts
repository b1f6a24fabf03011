/** A strict reader of JSON that is slow and says what is wrong; `parseStrictJson` turns to it when a text is suspicious. */
import type { JsonProblemCode, JsonResult } from "./json-result.ts";

const LITERALS = { t: "true", f: "false", n: "null" } as const;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

export function explainJson(text: string, maximumDepth: number): JsonResult {
  try {
    return { ok: true, value: new Reader(text, maximumDepth).read() };
  } catch (error) {
    if (!(error instanceof Found)) throw error;
    const before = text.slice(0, error.offset);
    const lineStart = before.lastIndexOf("\n") + 1;
    let line = 1;
    for (let at = before.indexOf("\n"); at >= 0; at = before.indexOf("\n", at + 1)) line++;
    return {
      ok: false,
      problem: { code: error.code, detail: error.message, line, column: error.offset - lineStart + 1 },
    };
  }
}

class Found extends Error {
  readonly code: JsonProblemCode;
  readonly offset: number;

  constructor(code: JsonProblemCode, offset: number, detail: string) {
    super(detail);
    this.code = code;
    this.offset = offset;
  }
}

class Reader {
  readonly #text: string;
  readonly #maximumDepth: number;
  #at = 0;

  constructor(text: string, maximumDepth: number) {
    this.#text = text;
    this.#maximumDepth = maximumDepth;
  }

  read(): unknown {
    this.#skipSpace();
    if (this.#at === this.#text.length) this.#fail("There is no JSON: the text is empty.");
    const value = this.#value(0);
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#fail(`${this.#found()} follows the end of the JSON value.`);
    return value;
  }

  #value(depth: number): unknown {
    const char = this.#text[this.#at];
    if (char === "{" || char === "[") {
      if (depth >= this.#maximumDepth) {
        const detail = `Nested deeper than ${this.#maximumDepth} levels.`;
        throw new Found("too_deep", this.#at, detail);
      }
      return char === "{" ? this.#object(depth + 1) : this.#array(depth + 1);
    }
    if (char === '"') return this.#string();
    if (char === "t" || char === "f" || char === "n") return this.#literal(LITERALS[char]);
    return this.#number();
  }

  #object(depth: number): unknown {
    const entries = new Map<string, unknown>();
    this.#at++;
    this.#skipSpace();
    if (this.#take("}")) return {};
    for (;;) {
      const keyAt = this.#at;
      if (this.#text[keyAt] !== '"')
        this.#fail(`${this.#found()} stands where a key in double quotes is needed.`);
      const key = this.#string();
      if (entries.has(key)) {
        throw new Found("duplicate_key", keyAt, `The key ${quoted(key)} occurs twice in one object.`);
      }
      this.#skipSpace();
      if (!this.#take(":")) this.#fail(`${this.#found()} stands where the colon after a key is needed.`);
      this.#skipSpace();
      entries.set(key, this.#value(depth));
      this.#skipSpace();
      if (this.#take("}")) return Object.fromEntries(entries);
      if (!this.#take(","))
        this.#fail(`${this.#found()} stands where a comma or the end of the object is needed.`);
      this.#skipSpace();
    }
  }

  #array(depth: number): unknown {
    const items: unknown[] = [];
    this.#at++;
    this.#skipSpace();
    if (this.#take("]")) return items;
    for (;;) {
      items.push(this.#value(depth));
      this.#skipSpace();
      if (this.#take("]")) return items;
      if (!this.#take(","))
        this.#fail(`${this.#found()} stands where a comma or the end of the array is needed.`);
      this.#skipSpace();
    }
  }

  #string(): string {
    const start = this.#at++;
    let value = "";
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined) {
        this.#at = start;
        this.#fail("This string has no end: a double quote is missing.");
      }
      if (char < " ")
        this.#fail(`${this.#found()} in a string has to be written as an escape such as \\n or \\u0000.`);
      this.#at++;
      if (char === '"') break;
      value += char === "\\" ? this.#escape() : char;
    }
    if (!value.isWellFormed()) {
      throw new Found(
        "lone_surrogate",
        start,
        "This string has half of a surrogate pair: it is not valid Unicode.",
      );
    }
    return value;
  }

  #escape(): string {
    const char = this.#text[this.#at] ?? "";
    if (char === "u") {
      const hex = this.#text.slice(this.#at + 1, this.#at + 5);
      if (!/^[0-9a-fA-F]{4}$/.test(hex)) this.#fail("After \\u, four hexadecimal digits are needed.");
      this.#at += 5;
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    const value = ESCAPES[char];
    if (value === undefined) this.#fail(`${this.#found()} after a backslash is no escape of JSON.`);
    this.#at++;
    return value;
  }

  #literal(literal: string): unknown {
    if (!this.#text.startsWith(literal, this.#at))
      this.#fail(`${this.#found()} stands where a value is needed.`);
    this.#at += literal.length;
    return literal === "null" ? null : literal === "true";
  }

  #number(): number {
    const pattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) this.#fail(`${this.#found()} stands where a value is needed.`);
    this.#at += match[0].length;
    return Number(match[0]);
  }

  #skipSpace(): void {
    while (" \t\n\r".includes(this.#text[this.#at] ?? "x")) this.#at++;
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #found(): string {
    const rest = this.#text.slice(this.#at, this.#at + 40);
    if (rest === "") return "The end of the text";
    const word = /^(?:[A-Za-z_]\w*|[^A-Za-z_])/u.exec(rest)?.[0] ?? "";
    const token = /^(?:NaN|-?Infinity|undefined|None|True|False)\b/.exec(rest)?.[0];
    if (token !== undefined) return `${token}, which JSON does not have,`;
    return quoted(/^\w+$/.test(word) ? word.slice(0, 1) : word);
  }

  #fail(detail: string): never {
    throw new Found("malformed", this.#at, detail);
  }
}

function quoted(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 60).toWellFormed()}…` : text;
  return JSON.stringify(short);
}
