import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { beforeAll, describe, expect, it } from "vitest";
import { grovePackage } from "../../test/grove-package.ts";
import { MemoryFolder, memorySource } from "../../test/memory-drop.ts";
import { filesOf as sealedFiles } from "../../test/sealed-package.ts";
import { filesOf, tinyPackage } from "../../test/tiny-package.ts";
import { type LoadedModel, loadPackage } from "../package/load.ts";
import { encodeText } from "./csv/text-encoding.ts";
import type { DropManifest } from "./manifest.ts";
import { scoreDrop } from "./score-drop.ts";
import { SoloCrew } from "./scoring-crew.ts";
import { defaultTolerance } from "./tolerance.ts";
import type { DropOptions } from "./write-drop.ts";

const { version } = tinyPackage();
let model: LoadedModel;
beforeAll(async () => {
  model = await loadPackage(filesOf(tinyPackage()), { goldenRows: "all" });
});

interface Result {
  readonly manifest: DropManifest;
  readonly folder: MemoryFolder;
}

async function score(
  name: string,
  content: string | Uint8Array,
  options: Partial<DropOptions> & { chunkBytes?: number; model?: LoadedModel } = {},
): Promise<Result> {
  const folder = new MemoryFolder();
  const manifest = await scoreDrop({
    source: memorySource(name, content, options.chunkBytes),
    folder,
    modelName: "tiny",
    crew: async () => new SoloCrew(options.model ?? model),
    options: { reasons: 1, top: 0, tolerance: defaultTolerance, ...options },
    now: () => new Date("2026-01-01T00:00:00Z"),
  });
  return { manifest, folder };
}

const columns =
  "leadgauge_probability,leadgauge_score,leadgauge_percentile,leadgauge_prediction,leadgauge_tier,leadgauge_action,leadgauge_raise_1,leadgauge_lower_1,leadgauge_warnings,leadgauge_model_version";

describe("a scored CSV file", () => {
  it("has the caller's bytes with our cells after them", async () => {
    const { folder, manifest } = await score("leads.csv", 'Lead,Visits,Note\r\n L1 ,"6","a,b"\r\nL2,2,\r\n');
    expect(folder.text("leads.scored.csv")).toBe(
      `Lead,Visits,Note,${columns}\r\n` +
        ` L1 ,"6","a,b",0.8807970779778823,88,88,yes,Hot,Call,Visits is 6 visits,,,${version}\r\n` +
        `L2,2,,0.5,50,50,yes,Hot,Call,,,,${version}\r\n`,
    );
    expect([...folder.files.keys()]).toEqual(["leads.scored.csv", "leads.errors.csv", "manifest.json"]);
    expect(manifest).toMatchObject({
      status: "succeeded",
      model: { name: "tiny", version },
      rows: { in: 2, scored: 2, rejected: 0 },
      tiers: { Hot: 2 },
      unknownColumns: ["Note"],
      files: [{ name: "leads.scored.csv" }, { name: "leads.errors.csv" }],
    });
  });

  it("has empty columns of reasons where the model gives none, and the manifest says why", async () => {
    const noContributions = "its leaves are lines";
    const package_ = tinyPackage({ noContributions });
    const silent = await loadPackage(filesOf(package_), { goldenRows: "all" });
    const { folder, manifest } = await score("leads.csv", "Lead,Visits\nL1,6\n", { model: silent });
    expect(folder.text("leads.scored.csv")).toBe(
      `Lead,Visits,${columns}\nL1,6,0.8807970779778823,88,88,yes,Hot,Call,,,,${package_.version}\n`,
    );
    expect(manifest).toMatchObject({ status: "succeeded", noReasons: noContributions });
    const none = await score("leads.csv", "Lead,Visits\nL1,6\n", { model: silent, reasons: 0 });
    expect(none.manifest).not.toHaveProperty("noReasons");
  });

  it("keeps the dialect, and says no more than it was asked for", async () => {
    const { folder } = await score("leads.csv", "\ufeffLead;Visits\nL1;6", { reasons: 0 });
    expect(folder.text("leads.scored.csv")).toBe(
      `\ufeffLead;Visits;${columns.replace(/leadgauge_(raise|lower)_1,/g, "").replaceAll(",", ";")}\n` +
        `L1;6;0.8807970779778823;88;88;yes;Hot;Call;;${version}`,
    );
  });

  it("stays in the caller's encoding", async () => {
    const content = encodeText("Lead,Visits\nJosé,6\n", "windows-1252");
    const { folder, manifest } = await score("leads.csv", content);
    expect(folder.files.get("leads.scored.csv")?.slice(0, -1)).toEqual(
      encodeText(
        `Lead,Visits,${columns}\nJosé,6,0.8807970779778823,88,88,yes,Hot,Call,Visits is 6 visits,,,${version}`,
        "windows-1252",
      ),
    );
    expect(manifest.input.dialect?.encoding).toBe("windows-1252");
    expect(manifest.windows1252Rows).toBe(1);
  });

  it("tells of every rejected row: number, column, code, reason, the row itself, its line", async () => {
    const { folder, manifest } = await score(
      "leads.csv",
      'Lead,Visits\nL1,"1,234"\n"L\n2",x\nL3\n=HYPERLINK("x"),y\nL5,5\nL6,6\nL7,7\nL8,8\nL9,9\n',
    );
    const lines = folder.text("leads.errors.csv").split("\n");
    expect(lines[0]).toBe("row,column,code,detail,raw_row,line");
    expect(lines[1]).toMatch(/^1,Visits,invalid_number,.*,"L1,""1,234""",2$/);
    expect(lines.slice(2, 4).join("\n")).toMatch(/^2,Visits,invalid_number,.*,"""L\n2"",x",3$/);
    expect(lines[4]).toMatch(/^3,,too_few_columns,.*,L3,5$/);
    expect(lines[5]).toMatch(/^4,Visits,invalid_number,.*,"'=HYPERLINK\(""x""\),y",6$/);
    expect(manifest.rows).toEqual({ in: 9, scored: 5, rejected: 4 });
    expect(manifest.rejections).toEqual({ invalid_number: 3, too_few_columns: 1 });
  });

  it("neutralises formulas in our cells and leaves the caller's alone", async () => {
    const { folder } = await score("leads.csv", "Lead,Visits\n=1+1,-6\n");
    expect(folder.text("leads.scored.csv").split("\n")[1]).toMatch(/^=1\+1,-6,0\.\d+,/);
  });

  it("writes the best rows, ranked, ties in the file's order", async () => {
    const { folder } = await score("leads.csv", "Lead,Visits\nL1,1\nL2,6\nL3,0\nL4,6\nL5,4", {
      top: 3,
      reasons: 0,
    });
    const ranked = folder.text("leads.top.csv").trimEnd().split("\n").slice(1);
    expect(ranked.map((row) => row.split(",")[0])).toEqual(["L2", "L4", "L5"]);
    expect(folder.text("leads.top.csv").split("\n")[0]).toBe(folder.text("leads.scored.csv").split("\n")[0]);
  });

  it("fails a file with more rejected rows than the tolerance, and keeps the errors", async () => {
    const content = "Lead,Visits\nL1,x\nL2,y\nL3,3\n";
    const { folder, manifest } = await score("leads.csv", content);
    expect(manifest.error?.code).toBe("tolerance_exceeded");
    expect(manifest.rows).toEqual({ in: 3, scored: 1, rejected: 2 });
    expect([...folder.files.keys()]).toEqual(["leads.errors.csv", "manifest.json"]);
    expect((await score("leads.csv", content, { tolerance: { rows: 2 } })).manifest.status).toBe("succeeded");
  });

  it.each([
    ["an empty file", "", "empty_file"],
    ["a header only", "Lead,Visits\n", "no_rows"],
    ["only bad rows", "Lead,Visits\nL1,x\n", "nothing_scored"],
    ["columns of something else", "a,b\n1,2\n", "no_known_columns"],
    ["only the lead's id", "Lead,b\n1,2\n", "no_known_columns"],
    ["a column without a name", ",b\n1,2\n", "no_known_columns"],
    ["a file that was scored before", "Lead,Visits,leadgauge_score\nL1,1,2\n", "already_scored"],
    ["two columns for one field", "Visits,visits\n1,2\n", "invalid_header"],
  ])("refuses %s, with a manifest", async (_, content, code) => {
    const { folder, manifest } = await score("leads.csv", content);
    expect(manifest.error?.code).toBe(code);
    expect(manifest.status).toBe("failed");
    expect(manifest.input.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect([...folder.files.keys()]).toEqual(["leads.errors.csv", "manifest.json"]);
  });

  it("tells once of a required column that is absent, in CSV and in Parquet alike", async () => {
    const grove = await loadPackage(sealedFiles(grovePackage()), { goldenRows: 0 });
    const csv = "lead,Visits\nL1,1\nL2,2\n";
    const parquet = parquetWriteBuffer({ columnData: [{ name: "Visits", data: [1, 2], type: "INT32" }] });
    for (const [name, content] of [
      ["leads.csv", csv],
      ["leads.parquet", new Uint8Array(parquet)],
    ] as const) {
      const { manifest, folder } = await score(name, content, { model: grove });
      expect(manifest.error).toMatchObject({
        code: "missing_columns",
        detail: expect.stringContaining('requires "Spend"'),
      });
      expect(manifest.rows).toEqual({ in: 0, scored: 0, rejected: 0 });
      expect(folder.text("leads.errors.csv").trimEnd().split("\n")).toHaveLength(1);
    }
  });

  describe("written for another schema", () => {
    // The grove reads Visits, Source, Size, Created, Seen and Spend, and Member, which has a value when it is missing.
    const inAnotherStyle = ["spend", "lead_source", "created.", "-seen-", "VISITS!", "size"];
    const ofAnotherModel = ["Company", "Employees"];
    const filesOfOneLead = (names: readonly string[]) => {
      const values = names.map((_, index) => index);
      return [
        ["leads.csv", `${names.join(",")}\n${values.join(",")}\n`],
        ["leads.jsonl", `{\n${JSON.stringify(Object.fromEntries(names.map((name, k) => [name, k])))}`],
        [
          "leads.parquet",
          new Uint8Array(
            parquetWriteBuffer({
              columnData: names.map((name, k) => ({ name, data: [k], type: "INT32" as const })),
            }),
          ),
        ],
      ] as const;
    };
    let grove: LoadedModel;
    beforeAll(async () => {
      grove = await loadPackage(sealedFiles(grovePackage()), { goldenRows: 0 });
    });

    it.each([
      [
        "in another style",
        inAnotherStyle,
        "missing_columns",
        ["Of the 6", "2 are", '"lead_source" as "Source", "created." as "Created"'],
      ],
      ["by another system", ofAnotherModel, "no_known_columns", ["Company", "Employees"]],
    ])("is refused in every format, %s", async (_, names, code, told) => {
      for (const [name, content] of filesOfOneLead(names)) {
        const { manifest, folder } = await score(name, content, { model: grove });
        expect(manifest.error?.code, name).toBe(code);
        for (const part of told) expect(manifest.error?.detail, name).toContain(part);
        expect(manifest.rows).toEqual({ in: 0, scored: 0, rejected: 0 });
        expect([...folder.files.keys()]).toEqual(["leads.errors.csv", "manifest.json"]);
      }
    });

    it.each([
      ["a field among many columns of its own", ["Spend", "Company", "Name", "Email", "Phone", "Owner"]],
      [
        "half of the fields, whatever is beside them",
        ["Spend", "Visits", "Source", "a", "b", "c", "d", "SI ZE"],
      ],
    ])("is not what has %s", async (_, names) => {
      for (const [name, content] of filesOfOneLead(names)) {
        const { manifest } = await score(name, content, { model: grove, tolerance: { share: 1 } });
        expect(manifest.error?.code, name).toBeUndefined();
      }
    });
  });

  it("tells of a damaged Parquet file in its own words, and by rows", async () => {
    const data = Array.from({ length: 500 }, (_, row) => `L${row % 7}`);
    const whole = new Uint8Array(
      parquetWriteBuffer({ columnData: [{ name: "Visits", data, type: "STRING" }] }),
    );
    const values = whole.slice();
    values.fill(0xff, 4, 60);
    const footer = whole.slice();
    footer.fill(0xff, footer.length - 40, footer.length - 8);
    for (const [content, part] of [
      [values, "the values of rows 1 to 500"],
      [footer, "its footer"],
    ] as const) {
      const { manifest } = await score("leads.parquet", content);
      expect(manifest.error).toEqual({
        code: "damaged_parquet",
        detail: `The Parquet file is damaged, or written in a way that is not read: ${part} can't be decoded. Write it anew.`,
      });
    }
  });

  it("never loses a row, and gives the same bytes however the file arrives", async () => {
    const row = fc.oneof(
      fc.tuple(fc.nat(9), fc.nat(9)).map(([lead, visits]) => `L${lead},${visits}`),
      fc.constantFrom(
        "L1",
        "L1,2,3",
        '"L1,2',
        'L1,"2"x',
        "L1,\0",
        "Lead,Visits",
        "",
        '"a\nb",3',
        "é,1",
        "L1,1e999",
        '""""',
      ),
      fc.string({ unit: fc.constantFrom(...'L1,"\n\r\0;é'.split("")), maxLength: 12 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 50 }),
        async (rows, chunkBytes) => {
          const content = `Lead,Visits\n${rows.join("\n")}\nlast,1\n`;
          const whole = await score("leads.csv", content, { tolerance: { share: 1 } });
          const { rows: counted } = whole.manifest;
          expect(counted.in).toBe(counted.scored + counted.rejected);
          const cut = await score("leads.csv", content, { tolerance: { share: 1 }, chunkBytes });
          expect(cut.folder.files).toEqual(whole.folder.files);
        },
      ),
      { numRuns: 300 },
    );
  }, 30_000);
});

describe("a scored JSONL file", () => {
  it("has the caller's objects with our members after theirs", async () => {
    const { folder, manifest } = await score(
      "leads.jsonl",
      '{"leadId":"L1", "fields":{"Visits":6, "Colour":"red"}}\r\n\r\n{ "Visits" : 2 }\n{}',
    );
    const lines = folder.text("leads.scored.jsonl").split("\n");
    expect(lines[0]).toMatch(
      /^\{"leadId":"L1", "fields":\{"Visits":6, "Colour":"red"\},"leadgauge_probability":0\.88.*\}\r$/,
    );
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      leadgauge_score: 88,
      leadgauge_tier: "Hot",
      leadgauge_raise_1: "Visits is 6 visits",
      leadgauge_lower_1: null,
      leadgauge_warnings: null,
      leadgauge_model_version: version,
    });
    expect(JSON.parse(lines[1] ?? "")).toMatchObject({ Visits: 2, leadgauge_score: 50 });
    expect(JSON.parse(lines[2] ?? "")).toMatchObject({ leadgauge_warnings: "missing_fields: Visits" });
    expect(manifest).toMatchObject({ rows: { in: 3, scored: 3 }, unknownColumns: ["Colour"], blankLines: 1 });
  });

  it("tells what is wrong with a line and reads on", async () => {
    const content = [
      '{"Visits":',
      "[1]",
      '{"Visits":1,"Visits":2}',
      '{"Visits":{"a":1}}',
      '{"leadgauge_score":1}',
      '{"Visits":1e999}',
      '{"__proto__":{"Visits":1},"Visits":1}',
    ].join("\n");
    const { folder, manifest } = await score("leads.ndjson", content, { tolerance: { share: 1 } });
    const codes = folder
      .text("leads.errors.csv")
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => line.split(",").slice(0, 3).join(" "));
    expect(codes).toEqual([
      "1  invalid_json",
      "2  invalid_json",
      "3  invalid_json",
      "4 Visits invalid_type",
      "5 leadgauge_score already_scored",
      "6 Visits invalid_number",
    ]);
    expect(manifest.rows).toEqual({ in: 7, scored: 1, rejected: 6 });
  });
});

describe("a file of another kind", () => {
  it("fails by its name", async () => {
    const { folder, manifest } = await score("leads.xlsx", "PK");
    expect(manifest.error?.code).toBe("unsupported_file");
    expect([...folder.files.keys()]).toEqual(["manifest.json"]);
  });
});
