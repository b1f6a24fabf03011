import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { encodeText } from "../../core/batch/csv/text-encoding.ts";
import { FileError } from "../../core/batch/file-error.ts";
import type { DropManifest } from "../../core/batch/manifest.ts";
import type { BatchPorts, BatchSettings } from "../../core/batch/parts/batch-ports.ts";
import { giveUpDrop } from "../../core/batch/parts/finish-drop.ts";
import { planDrop } from "../../core/batch/parts/plan-drop.ts";
import { scoreDrop } from "../../core/batch/score-drop.ts";
import { SoloCrew } from "../../core/batch/scoring-crew.ts";
import { type LoadedModel, loadPackage } from "../../core/package/load.ts";
import { FunctionDied, runBatch } from "../../test/batch-run.ts";
import { MemoryFolder, memorySource } from "../../test/memory-drop.ts";
import { MemoryObjectStore, StoreDied } from "../../test/memory-object-store.ts";
import { filesOf, tinyPackage } from "../../test/tiny-package.ts";
import { ObjectFolder } from "../adapters/object-folder.ts";
import { ObjectSource } from "../adapters/object-source.ts";

// Some go through hundreds of files.
vi.setConfig({ testTimeout: 60_000 });

let models: readonly [LoadedModel, LoadedModel, LoadedModel];
beforeAll(async () => {
  const load = (weight: number) => loadPackage(filesOf(tinyPackage({ weight })), { goldenRows: 32 });
  const silent = tinyPackage({ noContributions: "its leaves are lines" });
  models = [await load(0.5), await load(0.6), await loadPackage(filesOf(silent), { goldenRows: 32 })];
});

const everyRow = { share: 1 };
const inParts: BatchSettings = {
  wholeBytes: 0,
  partBytes: 40,
  partLines: 1_000_000,
  maximumBytes: 1 << 30,
  maximumLines: 1_000_000,
  options: { reasons: 3, top: 0, tolerance: everyRow },
};
const inOneGo: BatchSettings = { ...inParts, wholeBytes: 1 << 30 };

/** A world with a clock that goes on by a second whenever it is looked at. */
class World {
  readonly store = new MemoryObjectStore({ now: () => this.now(), chunkBytes: 1 << 16 });
  champion = models[0];
  readonly ports: BatchPorts = {
    store: this.store,
    openSource: (object) => new ObjectSource(this.store, object),
    openFolder: (prefix) => new ObjectFolder(this.store, prefix),
    now: () => this.now(),
    models: {
      champion: async (name) => {
        if (name !== "tiny")
          throw new FileError("unknown_model", `There is no model "${name}" that can serve.`);
        return this.champion;
      },
      version: async (_, version) => models.find((model) => model.version === version) as LoadedModel,
    },
  };
  #seconds = 0;

  now(): Date {
    return new Date(Date.UTC(2026, 0, 1) + 1000 * this.#seconds++);
  }

  async drop(name: string, content: string | Uint8Array): Promise<{ key: string; etag: string }> {
    const key = `batch/in/tiny/${name}`;
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    return { key, ...(await this.store.put(key, bytes)) };
  }

  /** Result files by name, the manifest without its times. */
  results(name: string): Record<string, unknown> {
    const prefix = `batch/out/tiny/${name}/`;
    const files = [...this.store.objects].filter(([key]) => key.startsWith(prefix));
    return Object.fromEntries(
      files.map(([key, { body }]) => {
        const file = key.slice(prefix.length);
        return [file, file === "manifest.json" ? timeless(body) : Buffer.from(body).toString("latin1")];
      }),
    );
  }

  manifest(name: string): DropManifest {
    return JSON.parse(
      new TextDecoder().decode(this.store.objects.get(`batch/out/tiny/${name}/manifest.json`)?.body),
    );
  }
}

function timeless(manifest: Uint8Array): unknown {
  const { startedAt, finishedAt, durationInSeconds, ...told } = JSON.parse(
    new TextDecoder().decode(manifest),
  );
  return told;
}

/** What scoring in one piece makes of a file, as the command line does. */
async function inOnePiece(
  name: string,
  content: string | Uint8Array,
  options = inParts.options,
  model = models[0],
): Promise<Record<string, unknown>> {
  const folder = new MemoryFolder();
  await scoreDrop({
    source: memorySource(name, content),
    folder,
    modelName: "tiny",
    crew: async () => new SoloCrew(model),
    options,
    now: () => new Date(),
  });
  return Object.fromEntries(
    [...folder.files].map(([file, body]) => [
      file,
      file === "manifest.json" ? timeless(body) : Buffer.from(body).toString("latin1"),
    ]),
  );
}

async function score(name: string, content: string | Uint8Array, settings: BatchSettings) {
  const world = new World();
  const outcome = await runBatch(await world.drop(name, content), world.ports, settings);
  return { world, outcome, results: world.results(name) };
}

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

const content = `Lead,Visits\n${Array.from({ length: 30 }, (_, row) => `L${row},${row % 8}`).join("\n")}\nbad,x\n`;

describe("a drop", () => {
  it("that is scored by one function is told with its id, as one in parts is planned with it", async () => {
    const whole = new World();
    const told = await planDrop(await whole.drop("leads.csv", content), whole.ports, inOneGo);
    const cut = new World();
    const planned = await planDrop(await cut.drop("leads.csv", content), cut.ports, inParts);
    expect(planned.outcome).toBe("parts");
    expect(told).toMatchObject({ outcome: "finished", drop: (planned as { drop: string }).drop });
  });

  it("has one result, however often its event comes", async () => {
    for (const settings of [inParts, inOneGo]) {
      const { world, results } = await score("leads.csv", content, settings);
      const written = world.store.writes;
      const again = await runBatch({ key: "batch/in/tiny/leads.csv" }, world.ports, settings);
      expect(again).toEqual({ outcome: "passed-over", reason: "already-scored" });
      expect(world.store.writes).toBe(written);
      expect(world.results("leads.csv")).toEqual(results);
    }
  });

  it("is scored once by two executions at a time", async () => {
    const world = new World();
    const event = await world.drop("leads.csv", content);
    const [first, second] = await Promise.all([
      runBatch(event, world.ports, inParts),
      runBatch(event, world.ports, { ...inParts, partBytes: 77 }),
    ]);
    expect([first.outcome, second.outcome]).toContain("finished");
    expect(world.results("leads.csv")).toEqual(await inOnePiece("leads.csv", content));
  });

  it("is not scored anew for the same bytes, and is for others", async () => {
    const { world } = await score("leads.csv", content, inParts);
    const same = await world.drop("leads.csv", content);
    expect(await runBatch(same, world.ports, inParts)).toMatchObject({ reason: "already-scored" });
    const shorter = content.replace("L3,3\n", "");
    await runBatch(await world.drop("leads.csv", shorter), world.ports, inParts);
    expect(world.results("leads.csv")).toEqual(await inOnePiece("leads.csv", shorter));
  });

  it("whose events come out of order has the results of what is there", async () => {
    const world = new World();
    const first = await world.drop("leads.csv", content);
    const second = await world.drop("leads.csv", content.replace("L3,3", "L3,9"));
    await runBatch(second, world.ports, inParts);
    const results = world.results("leads.csv");
    expect(await runBatch(first, world.ports, inParts)).toEqual({
      outcome: "passed-over",
      reason: "superseded",
    });
    expect(world.results("leads.csv")).toEqual(results);
  });

  it("that is replaced while it is scored leaves the results to the one that replaced it", async () => {
    for (const [settings, read] of [
      [inParts, 1],
      [inParts, 3],
      [inOneGo, 1],
    ] as const) {
      const world = new World();
      const first = await world.drop("leads.csv", content);
      const late = content.replace("L3,3", "L3,9");
      let reads = 0;
      world.store.onRead = (key) => {
        if (key === first.key && ++reads === read) void world.drop("leads.csv", late);
      };
      const outcome = await runBatch(first, world.ports, settings);
      expect(outcome).toEqual({ outcome: "passed-over", reason: "superseded" });
      expect(world.results("leads.csv")).toEqual({});
      await runBatch({ key: first.key }, world.ports, settings);
      expect(world.results("leads.csv")).toEqual(await inOnePiece("leads.csv", late));
    }
  });

  it("that is replaced while its results are written does not spoil those of the one in its place", async () => {
    const late = content.replace("L3,3", "L3,9");
    for (const settings of [inParts, inOneGo]) {
      for (const file of ["leads.scored.csv", "leads.errors.csv"]) {
        const world = new World();
        const first = await world.drop("leads.csv", content);
        world.store.onWrite = async (key) => {
          if (!key.endsWith(file)) return;
          world.store.onWrite = async () => {};
          // The whole of the second drop passes between two writes of the first one.
          const second = await world.drop("leads.csv", late);
          expect((await runBatch(second, world.ports, settings)).outcome).toBe("finished");
        };
        await runBatch(first, world.ports, settings);
        expect(world.results("leads.csv")).toEqual(await inOnePiece("leads.csv", late));
      }
    }
  });

  it("keeps its version after a promotion, unless it is dropped anew or asked for", async () => {
    const { world } = await score("leads.csv", content, inParts);
    const event = { key: "batch/in/tiny/leads.csv" };
    const version = () => world.manifest("leads.csv").model.version;
    world.champion = models[1];
    expect(await runBatch(event, world.ports, inParts)).toMatchObject({ reason: "already-scored" });
    expect(version()).toBe(models[0].version);
    await runBatch({ ...event, rescore: true }, world.ports, inParts);
    expect(version()).toBe(models[1].version);
    expect(await runBatch({ ...event, rescore: true }, world.ports, inParts)).toMatchObject({
      reason: "already-scored",
    });
    expect(await runBatch(event, world.ports, inParts)).toMatchObject({ reason: "already-scored" });
    world.champion = models[0];
    await runBatch(await world.drop("leads.csv", content), world.ports, inParts);
    expect(version()).toBe(models[0].version);
  });

  it("keeps the version it was planned with, though another one is promoted before it is done", async () => {
    const world = new World();
    const event = await world.drop("leads.csv", content);
    const died = await runBatch(event, world.ports, inParts, (part) => {
      if (part > 1) throw new FunctionDied();
    });
    expect(died.outcome).toBe("failed");
    world.champion = models[1];
    await runBatch(event, world.ports, inParts);
    expect(world.results("leads.csv")).toEqual(await inOnePiece("leads.csv", content));
  });

  it("is passed over where it is none, or gone", async () => {
    const { ports } = new World();
    for (const key of [
      "batch/in/leads.csv",
      "batch/in/tiny/",
      "batch/in/tiny/.x.csv",
      "batch/in/tiny/x.csv.part",
    ])
      expect(await runBatch({ key }, ports, inParts)).toEqual({ outcome: "passed-over", reason: "no-drop" });
    const gone = await runBatch({ key: "batch/in/tiny/leads.csv" }, ports, inParts);
    expect(gone).toEqual({ outcome: "passed-over", reason: "gone" });
  });

  it("for a model that is not there is told so, and scored once it is", async () => {
    const world = new World();
    const { key } = await world.drop("leads.csv", content);
    const elsewhere = {
      ...world.ports.models,
      champion: async () => Promise.reject(new FileError("unknown_model", "There is none.")),
    };
    await runBatch({ key }, { ...world.ports, models: elsewhere }, inParts);
    expect(world.manifest("leads.csv")).toMatchObject({ status: "failed", error: { code: "unknown_model" } });
    await runBatch({ key }, world.ports, inParts);
    expect(world.results("leads.csv")).toEqual(await inOnePiece("leads.csv", content));
  });
});

describe("a failure", () => {
  it("of part 3 of 5 is told, and a redrive scores that part only, with the bytes of a clean run", async () => {
    const rows = Array.from({ length: 5_000 }, (_, row) => `"L\n${row}",${row % 9}`).join("\n");
    const file = `Lead,Visits\n${rows}\n`;
    const settings = { ...inParts, partBytes: 1 << 14 };
    const clean = await score("leads.csv", file, settings);
    const world = new World();
    const event = await world.drop("leads.csv", file);
    const failed = await runBatch(event, world.ports, settings, (part) => {
      if (part === 2) throw new FunctionDied();
    });
    expect(failed).toEqual({ outcome: "failed", missing: [2] });
    expect(world.manifest("leads.csv")).toMatchObject({
      status: "failed",
      error: { code: "internal_error" },
    });
    expect(world.manifest("leads.csv").error?.detail).toMatch(
      /^1 of the file's \d parts could not be scored \(3\)/,
    );
    const scored: number[] = [];
    await runBatch({ key: event.key }, world.ports, settings, (part) => scored.push(part));
    expect(scored).toEqual([2]);
    expect(world.results("leads.csv")).toEqual(clean.results);
  });

  it("anywhere between two writes loses nothing and leaves nothing half done", async () => {
    const later = `Lead,Visits\n${"L1,x\n".repeat(20)}`;
    for (const settings of [inParts, { ...inOneGo, options: { ...inParts.options, top: 2 } }]) {
      // A file with results, replaced by one that fails: both ways of writing results are gone through.
      for (const replacement of [content.replace("L3,3", "L3,9"), later]) {
        const clean = await replacedRun(settings, replacement, undefined);
        expect(clean.deaths).toBe(0);
        for (let write = 0; write < clean.writes; write++) {
          const died = await replacedRun(settings, replacement, write);
          expect(died.deaths).toBe(1);
          expect(died.results).toEqual(clean.results);
        }
      }
    }
  });

  it("for good is told in the manifest, which another try replaces", async () => {
    const world = new World();
    const event = await world.drop("leads.csv", content);
    await giveUpDrop(event, world.ports, inParts);
    expect(world.manifest("leads.csv")).toMatchObject({
      status: "failed",
      error: {
        code: "internal_error",
        detail: expect.stringContaining('leadgauge batch redrive "batch/in/tiny/leads.csv"'),
      },
      input: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    await runBatch(event, world.ports, inParts);
    expect(world.results("leads.csv")).toEqual(await inOnePiece("leads.csv", content));
    expect(await giveUpDrop(event, world.ports, inParts)).toEqual({ outcome: "nothing-to-tell" });
    expect(world.manifest("leads.csv").status).toBe("succeeded");
  });

  it("is told from outside where an execution ended without telling it, and only there", async () => {
    const outside = { outside: true };
    const world = new World();
    const event = await world.drop("leads.csv", content);
    expect(await giveUpDrop(event, world.ports, inParts, outside)).toEqual({ outcome: "told" });
    expect(world.manifest("leads.csv")).toMatchObject({
      status: "failed",
      error: { code: "internal_error" },
    });

    const failed = await runBatch(event, world.ports, inParts, (part) => {
      if (part === 2) throw new FunctionDied();
    });
    expect(failed.outcome).toBe("failed");
    const told = world.results("leads.csv");
    expect(await giveUpDrop(event, world.ports, inParts, outside)).toEqual({ outcome: "nothing-to-tell" });
    expect(world.results("leads.csv")).toEqual(told);

    await world.drop("leads.csv", content.replace("L3,3", "L3,9"));
    expect(await giveUpDrop(event, world.ports, inParts, outside)).toEqual({ outcome: "nothing-to-tell" });
    expect(world.results("leads.csv")).toEqual(told);
  });
});

/** Scores a file, then another one in its place; the store dies once at a write of the second run, which is then run again. */
async function replacedRun(settings: BatchSettings, replacement: string, dyingWrite: number | undefined) {
  const world = new World();
  await runBatch(await world.drop("leads.csv", content), world.ports, settings);
  const event = await world.drop("leads.csv", replacement);
  const before = world.store.writes;
  world.store.writesLeft = dyingWrite;
  let deaths = 0;
  for (;;) {
    try {
      await runBatch(event, world.ports, settings);
      break;
    } catch (error) {
      if (!(error instanceof StoreDied)) throw error;
      deaths++;
      world.store.writesLeft = undefined;
    }
  }
  return { deaths, writes: world.store.writes - before, results: world.results("leads.csv") };
}
