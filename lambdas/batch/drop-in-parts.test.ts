import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it, vi } from "vitest";
import { encodeText } from "../../core/batch/csv/text-encoding.ts";
import type { BatchSettings } from "../../core/batch/parts/batch-ports.ts";
import { runBatch } from "../../test/batch-run.ts";
import { inOneGo, inOnePiece, inParts, models, score, World } from "../../test/batch-world.ts";

// Some go through hundreds of files.
vi.setConfig({ testTimeout: 60_000 });

const csvRow = fc.oneof(
  fc.tuple(fc.nat(9), fc.nat(9)).map(([lead, visits]) => `L${lead},${visits}`),
  fc.constantFrom(
    "L1",
    '"L1,2',
    'L1,"2"x',
    "L1,\0",
    "Lead,Visits",
    "",
    '"a\nb",3',
    '"a\r\n""b""",3',
    "é,1",
    "x,1e999",
  ),
  fc.string({ unit: fc.constantFrom(...'L1,"\n\r\0;é'.split("")), maxLength: 12 }),
);
const csvFile = fc
  .array(fc.tuple(csvRow, fc.constantFrom("\n", "\r\n", "\r")), { minLength: 1, maxLength: 40 })
  .map((rows) => `Lead,Visits\n${rows.map((row) => row.join("")).join("")}last,1`);
const jsonLine = fc.oneof(
  fc.nat(9).map((visits) => JSON.stringify({ leadId: "L", fields: { Visits: visits, [`f${visits}`]: 1 } })),
  fc.constantFrom("", "{", "[]", '{"Visits":"x"}', '{"Visits":3}\r', '{"a":"\\n"}', "\r"),
);
const jsonlFile = fc
  .tuple(fc.constantFrom("", "\ufeff"), fc.array(jsonLine, { minLength: 1, maxLength: 40 }))
  .map(([mark, lines]) => `${mark}${lines.join("\n")}\n{"Visits":1}`);

describe("a file scored in parts", () => {
  it.each([
    ["CSV", "leads.csv", csvFile],
    ["JSONL", "leads.jsonl", jsonlFile],
  ])("comes out as in one piece, byte for byte, however it is cut: %s", async (_, name, files) => {
    await fc.assert(
      fc.asyncProperty(
        files,
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 30 }),
        fc.nat(5),
        async (content, partBytes, partLines, top) => {
          const options = { ...inParts.options, top };
          const { results } = await score(name, content, { ...inParts, partBytes, partLines, options });
          expect(results).toEqual(await inOnePiece(name, content, options));
        },
      ),
      { numRuns: 150 },
    );
  });

  it("tells, as in one piece, why the model gives no reasons", async () => {
    const content = "Lead,Visits\nL1,1\nL2,2\nL3,3\nL4,4\nL5,5\nL6,6\nL7,7\nL8,8\nL9,9\n";
    const world = new World();
    world.champion = models[2];
    await runBatch(await world.drop("leads.csv", content), world.ports, inParts);
    expect(world.manifest("leads.csv").noReasons).toBe("its leaves are lines");
    expect(world.results("leads.csv")).toEqual(
      await inOnePiece("leads.csv", content, inParts.options, models[2]),
    );
  });

  it("is really cut, and numbers rows and lines through", async () => {
    const rows = Array.from({ length: 50 }, (_, row) => `"L\n${row}",${row % 10 === 9 ? "x" : row}`);
    const { world, results } = await score("leads.csv", `Lead,Visits\r\n${rows.join("\n")}`, inParts);
    const parts = [...world.store.objects.keys()].filter((key) => key.includes("/results/"));
    expect(parts.length).toBeGreaterThan(5);
    const errors = String(results["leads.errors.csv"])
      .split(/\n(?=\d+,)/)
      .slice(1);
    expect(errors.map((line) => line.split(",")[0])).toEqual(["10", "20", "30", "40", "50"]);
    expect(errors.map((line) => line.trim().split(",").at(-1))).toEqual(["20", "40", "60", "80", "100"]);
  });

  it("comes out the same compressed, from blocks of its own that are larger than a chunk", async () => {
    const rows = Array.from(
      { length: 60_000 },
      (_, row) => `L${row},"${row % 7}","é${"n".repeat(row % 40)}"`,
    );
    const content = `Lead,Visits,Note\n${rows.join("\n")}\n`;
    const gzip = new Uint8Array(gzipSync(content));
    const parts = await score("a/leads.csv.gz", gzip, { ...inParts, partBytes: 400_000 });
    const whole = await score("a/leads.csv.gz", gzip, inOneGo);
    expect(
      [...parts.world.store.objects.keys()].filter((key) => key.includes("/results/")).length,
    ).toBeGreaterThan(2);
    expect(parts.results).toEqual(whole.results);
    const scored = parts.world.store.objects.get("batch/out/tiny/a/leads.csv.gz/leads.scored.csv.gz");
    const plain = await inOnePiece("leads.csv", content);
    expect(gunzipSync(scored?.body ?? "").toString("latin1")).toBe(plain["leads.scored.csv"]);
  });

  it("has parts of no more lines than asked for, and files of too many are refused", async () => {
    const content = `Lead,Visits\n${"L1,1\n".repeat(2_500)}`;
    const settings = { ...inParts, partBytes: 1 << 20, partLines: 100 };
    const { world } = await score("leads.csv", content, settings);
    expect([...world.store.objects.keys()].filter((key) => key.includes("/results/"))).toHaveLength(25);
    const refused = await score("leads.csv", content, { ...settings, maximumLines: 2_499 });
    expect(refused.world.manifest("leads.csv").error?.code).toBe("too_large");
    expect((await score("leads.csv", content, { ...settings, maximumLines: 2_500 })).outcome.outcome).toBe(
      "finished",
    );
  });

  it("tells an overlong line alike, wherever it falls", async () => {
    const long = "x".repeat((1 << 20) + 5);
    const content = `Lead,Visits\r\nL1,1\r\n${long},1\r\nL2,2\r\n${long}\r\nL3,3`;
    for (const partBytes of [1, 2 << 20]) {
      const { results } = await score("leads.csv", content, { ...inParts, partBytes });
      expect(results).toEqual(await inOnePiece("leads.csv", content));
    }
    const lines = `{"Visits":1}\r\n{"a":"${long}"}\r\n{"Visits":2}\n`;
    const { results } = await score("leads.jsonl", lines, inParts);
    expect(results).toEqual(await inOnePiece("leads.jsonl", lines));
  });

  it("keeps encodings, windows-1252 and UTF-8 in one file", async () => {
    const content = new Uint8Array(
      Buffer.concat([
        encodeText("Lead;Visits\n", "utf-8"),
        ...Array.from({ length: 30 }, (_, row) =>
          encodeText(`é${row};1\n`, row % 3 ? "utf-8" : "windows-1252"),
        ),
      ]),
    );
    const { results, world } = await score("leads.csv", content, inParts);
    expect(results).toEqual(await inOnePiece("leads.csv", content));
    expect(world.manifest("leads.csv").windows1252Rows).toBe(10);
  });

  it("goes by row groups if it is Parquet", async () => {
    const rows = 100;
    const content = new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          {
            name: "Lead",
            data: Array.from({ length: rows }, (_, row) => (row % 7 ? `L${row}` : null)),
            type: "STRING",
          },
          {
            name: "Visits",
            data: Array.from({ length: rows }, (_, row) => (row % 11 === 5 ? "x" : String(row % 13))),
            type: "STRING",
          },
          {
            name: "When",
            data: Array.from({ length: rows }, (_, row) => new Date(row * 1e9)),
            type: "TIMESTAMP",
          },
          {
            name: "Tags",
            data: Array.from({ length: rows }, (_, row) => ["a", null, `t${row}`].slice(row % 3)),
          },
        ],
        rowGroupSize: 10,
      }),
    );
    for (const top of [0, 7]) {
      for (const partBytes of [1, 2_000, 1 << 20]) {
        const options = { ...inParts.options, top };
        const { results, world } = await score("leads.parquet", content, { ...inParts, partBytes, options });
        expect(results).toEqual(await inOnePiece("leads.parquet", content, options));
        if (partBytes === 1)
          expect([...world.store.objects.keys()].filter((key) => key.includes("/results/"))).toHaveLength(10);
      }
    }
  });

  it("decides on the tolerance by the whole file", async () => {
    const content = `Lead,Visits\n${"L1,x\n".repeat(20)}${"L1,1\n".repeat(30)}`;
    for (const tolerance of [{ share: 0.5 }, { share: 0.3 }, { rows: 19 }, { rows: 20 }]) {
      const options = { ...inParts.options, tolerance };
      const { results } = await score("leads.csv", content, { ...inParts, options });
      expect(results).toEqual(await inOnePiece("leads.csv", content, options));
    }
  });

  it.each([
    ["a header only", "leads.csv", `Lead,Visits${"\n".repeat(50)}`, "no_rows"],
    ["columns of something else", "leads.csv", "a,b\n1,2\n", "no_known_columns"],
    ["leads of something else", "leads.jsonl", '{"a":1}\n'.repeat(1_000), "no_known_columns"],
    ["a file scored before", "leads.csv", "Lead,Visits,leadgauge_score\n1,2,3\n", "already_scored"],
    ["only bad rows", "leads.csv", `Lead,Visits\n${"L1,x\n".repeat(30)}`, "nothing_scored"],
    ["nothing", "leads.csv", "", "empty_file"],
    ["no text", "leads.csv", new Uint8Array(100), "not_csv"],
    ["what is no Parquet", "leads.parquet", "PAR2............", "not_parquet"],
    ["a workbook", "leads.xlsx", "PK", "unsupported_file"],
  ])("is refused as in one piece: %s", async (_, name, content, code) => {
    const { results, world } = await score(name, content, inParts);
    expect(world.manifest(name).error?.code).toBe(code);
    expect(results).toEqual(await inOnePiece(name, content));
  });

  it("is refused if its compression is damaged, or it is larger than allowed", async () => {
    const gzip = new Uint8Array(gzipSync(`Lead,Visits\n${"L1,1\n".repeat(9_000)}`));
    const codeOf = async (content: Uint8Array, settings: BatchSettings) => {
      const { world, results } = await score("leads.csv.gz", content, settings);
      expect(Object.keys(results)).toEqual(["leads.errors.csv", "manifest.json"]);
      return world.manifest("leads.csv.gz").error?.code;
    };
    expect(await codeOf(gzip.slice(0, -9), inParts)).toBe("truncated_gzip");
    expect(await codeOf(gzip.slice(9), inParts)).toBe("not_gzip");
    expect(await codeOf(gzip, { ...inParts, maximumBytes: 10_000 })).toBe("too_large");
    expect(await codeOf(gzip, { ...inParts, maximumBytes: 10 })).toBe("too_large");
  });
});
