import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Block } from "../blocks.ts";
import { FileError } from "../file-error.ts";
import { CsvCursor } from "./csv-cursor.ts";
import { openCsv } from "./csv-file.ts";
import { maximumRecordBytes } from "./record-scanner.ts";
import { encodeText } from "./text-encoding.ts";

const encoder = new TextEncoder();

interface ReadRow {
  readonly cells?: readonly string[];
  readonly code?: string;
  readonly raw: string;
  readonly line: number;
}

async function* inChunks(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let position = 0;
  for (let index = 0; position < bytes.length; index++) {
    const size = Math.max(1, sizes[index % Math.max(1, sizes.length)] ?? bytes.length);
    yield bytes.slice(position, position + size);
    position += size;
  }
}

/** Everything that the reader makes of a file, row by row. */
async function readAll(
  content: string | Uint8Array,
  { chunkSizes = [1 << 16], blockBytes = 1 << 16 }: { chunkSizes?: number[]; blockBytes?: number } = {},
) {
  const bytes = typeof content === "string" ? encoder.encode(content) : content;
  const csv = await openCsv(inChunks(bytes, chunkSizes));
  const cursor = new CsvCursor(
    csv.header,
    csv.dialect,
    csv.header.map(() => true),
  );
  const rows: ReadRow[] = [];
  const blocks: Block[] = [];
  let line = csv.headerLines;
  for await (const block of csv.blocks(blockBytes)) {
    blocks.push(block);
    cursor.open(block);
    while (cursor.next()) {
      rows.push({
        ...(cursor.problem ? { code: cursor.problem.code } : { cells: [...cursor.cells] }),
        raw: cursor.rawText(),
        line: line + cursor.line,
      });
    }
    line += cursor.lines;
  }
  return { ...csv, rows, blocks };
}

const separators = [",", ";", "\t", "|"] as const;
const lineEnds = ["\n", "\r\n", "\r"] as const;

describe("a CSV file", () => {
  it("reads back what any dialect wrote, whatever the chunks", async () => {
    const cell = fc.string({ unit: fc.constantFrom(..."ab1 ,;\t|\"'\n\r=é€漢".split("")), maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          separator: fc.constantFrom(...separators),
          lineEnd: fc.constantFrom(...lineEnds),
          hasMark: fc.boolean(),
          endsWithLineEnd: fc.boolean(),
          rows: fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 12 }),
          quoteAll: fc.boolean(),
          chunkSizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
          blockBytes: fc.integer({ min: 1, max: 64 }),
        }),
        async ({ separator, lineEnd, hasMark, endsWithLineEnd, rows, quoteAll, chunkSizes, blockBytes }) => {
          const header = ["alpha", "beta gamma", "delta"];
          const write = (text: string) =>
            quoteAll || /["\r\n,;\t|]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
          const text = [header, ...rows].map((row) => row.map(write).join(separator)).join(lineEnd);
          const content = (hasMark ? "\ufeff" : "") + text + (endsWithLineEnd ? lineEnd : "");
          const read = await readAll(content, { chunkSizes, blockBytes });
          expect(read.dialect).toEqual({
            encoding: "utf-8",
            hasByteOrderMark: hasMark,
            separator,
            quote: '"',
            lineEnd,
          });
          expect(read.header).toEqual(header);
          expect(read.rows.map(({ cells }) => cells)).toEqual(rows);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("makes the same rows of any bytes, however they are cut", async () => {
    const soup = fc
      .array(
        fc.constantFrom('"', '""', ",", "\n", "\r\n", "\r", "a", "b,c\n", '"x\ny"', '"x" y', "\0", "é"),
        {
          maxLength: 60,
        },
      )
      .map((parts) => `${"one".repeat(80)},two\n${parts.join("")}`);
    await fc.assert(
      fc.asyncProperty(
        soup,
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 50 }),
        async (content, chunkSizes, blockBytes) => {
          const whole = await readAll(content);
          const cut = await readAll(content, { chunkSizes, blockBytes });
          expect(cut.rows).toEqual(whole.rows);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("gives blocks that are the file's bytes, at their offsets", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom(...'a,"\n\r'.split("")), maxLength: 200 }),
        async (body) => {
          const content = encoder.encode(`a,b\n${body}`);
          const { blocks } = await readAll(content, { chunkSizes: [7], blockBytes: 5 });
          for (const { bytes, offset } of blocks) {
            expect(bytes).toEqual(content.slice(offset, offset + bytes.length));
          }
          expect(blocks.reduce((sum, { bytes }) => sum + bytes.length, 4)).toBe(content.length);
        },
      ),
    );
  });

  it("loses one line to a lost quote, not the rest of the file", async () => {
    const { rows } = await readAll('a,b\n1,"x\n2,y\n3,z\n');
    expect(rows).toEqual([
      { code: "invalid_quotes", raw: '1,"x', line: 2 },
      { cells: ["2", "y"], raw: "2,y", line: 3 },
      { cells: ["3", "z"], raw: "3,z", line: 4 },
    ]);
  });

  it("tells what is wrong with a row and reads on", async () => {
    const { rows } = await readAll('a,b\n1\n1,2,3\n1,"x"y\n1,\0\na,b\n"1","2 ""q"" 3"\n');
    expect(rows.map(({ code }) => code)).toEqual([
      "too_few_columns",
      "too_many_columns",
      "invalid_quotes",
      "nul_byte",
      "repeated_header",
      undefined,
    ]);
    expect(rows.at(-1)?.cells).toEqual(["1", '2 "q" 3']);
  });

  it("takes a quote inside an unquoted cell as text, and all line ends in one file", async () => {
    const { rows } = await readAll('a,b\n5" pipe,1\r\n2,3\r4,5\n\n6,7');
    expect(rows.map(({ cells }) => cells)).toEqual([
      ['5" pipe', "1"],
      ["2", "3"],
      ["4", "5"],
      ["6", "7"],
    ]);
    expect(rows.map(({ line }) => line)).toEqual([2, 3, 4, 6]);
  });

  it("reads windows-1252, UTF-8 and a mixture, row by row", async () => {
    const latin = encodeText("name;city\nJosé;Málaga €\n", "windows-1252");
    const read = await readAll(latin);
    expect(read.dialect.encoding).toBe("windows-1252");
    expect(read.rows[0]?.cells).toEqual(["José", "Málaga €"]);
    const utf8 = encoder.encode("name;city\nJosé;Málaga\n");
    const mixed = await readAll(Uint8Array.from([...utf8, ...latin.slice("name;city\n".length)]));
    expect(mixed.rows.map(({ cells }) => cells?.[0])).toEqual(["José", "José"]);
  });

  it("knows single quotes and Excel's separator line", async () => {
    const quoted = await readAll("'a','b'\n'it''s','x,y'\n");
    expect(quoted.rows[0]?.cells).toEqual(["it's", "x,y"]);
    const hinted = await readAll("sep=;\r\na;b\r\n1,5;2\r\n");
    expect(hinted.header).toEqual(["a", "b"]);
    expect(hinted.rows[0]).toMatchObject({ cells: ["1,5", "2"], line: 3 });
  });

  it("cuts at the separator of the header, though cells hold others", async () => {
    const { dialect } = await readAll('a;b;c\n1,5;2,5;"x,y,z"\n2,5;3,5;u\n');
    expect(dialect.separator).toBe(";");
  });

  it("passes over a line of any length, keeping what comes after", async () => {
    const long = "x".repeat(maximumRecordBytes + 70_000);
    const content = `a,b\n1,2\n${long},1\n3,4\n`;
    for (const chunkSizes of [[1 << 16], [1 << 21]]) {
      const { rows } = await readAll(content, { chunkSizes });
      expect(rows.map(({ code, cells }) => code ?? cells)).toEqual([
        ["1", "2"],
        "record_too_long",
        ["3", "4"],
      ]);
      expect(rows.at(-1)?.line).toBe(4);
    }
  });

  it("does not let a quote without end swallow more than a line, however large the file", async () => {
    const content = `a,b\n1,"\n${"3,4\n".repeat(600_000)}`;
    const { rows } = await readAll(content, { chunkSizes: [1 << 18], blockBytes: 1 << 18 });
    expect(rows.length).toBe(600_001);
    expect(rows.filter(({ code }) => code !== undefined)).toHaveLength(1);
  });

  it.each([
    ["an empty file", "", "empty_file"],
    ["only blank lines", "\n\r\n", "empty_file"],
    ["a header with an open quote", 'a,"b\n1,2\n', "invalid_header"],
    ["gzip", Uint8Array.of(0x1f, 0x8b, 8, 0), "not_csv"],
    ["a workbook", Uint8Array.of(0x50, 0x4b, 3, 4), "not_csv"],
    ["Parquet", "PAR1xxxx", "not_csv"],
    ["UTF-16", Uint8Array.of(0xff, 0xfe, 0x61, 0), "unsupported_encoding"],
    ["no text", new Uint8Array(100), "not_csv"],
  ])("refuses %s", async (_, content, code) => {
    const refusal = await readAll(content).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(FileError);
    expect((refusal as FileError).code).toBe(code);
  });
});
