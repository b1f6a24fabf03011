import { describe, expect, it, test } from "vitest";
import { groveLeads, groveManifest, grovePackage } from "../../test/grove-package.ts";
import { filesOf, seal, type Texts } from "../../test/sealed-package.ts";
import { ObjectTooLarge } from "../ports.ts";
import { loadPackage, PackageError, validatePackage } from "./load.ts";

const grove = grovePackage();
const load = (texts: Texts) => loadPackage(filesOf(texts), { goldenRows: "all" });

/** The error of a package that must be refused. */
async function refusal(texts: Texts): Promise<PackageError> {
  try {
    await load(texts);
  } catch (error) {
    if (error instanceof PackageError) return error;
    throw error;
  }
  throw new Error("the package was not refused");
}

test("an intact package loads, and its report tells what was compared", async () => {
  const model = await load(grove);
  expect(model.name).toBe("grove");
  const report = await validatePackage(filesOf({ ...grove }));
  expect(report).toMatchObject({
    model: "grove",
    family: "lightgbm",
    golden: { rows: groveLeads.length, rejectedRows: 2 },
  });
});

describe("a file that is not what the manifest describes is refused by name", () => {
  it.each(["golden.jsonl", "profile.json", "serving.json", "spec.json"])("%s", async (name) => {
    const text = grove[name] as string;
    for (const position of [0, Math.floor(text.length / 2), text.length - 1]) {
      const flipped =
        text.slice(0, position) + (text[position] === "x" ? "y" : "x") + text.slice(position + 1);
      expect((await refusal({ ...grove, [name]: flipped })).file).toBe(name);
    }
    expect((await refusal({ ...grove, [name]: text.slice(0, -1) })).file).toBe(name);
    const { [name]: _, ...others } = grove;
    expect((await refusal(others)).message).toContain(`${name}: is missing`);
  });

  it("manifest.json", async () => {
    const manifest = JSON.parse(grove["manifest.json"] as string);
    const broken = [
      "",
      "{",
      "[]",
      "null",
      "{}",
      JSON.stringify({ ...manifest, version: "0".repeat(32) }),
      JSON.stringify({ ...manifest, version: "../../etc" }),
      JSON.stringify({ ...manifest, files: { ...manifest.files, "../up": manifest.files["spec.json"] } }),
      JSON.stringify({ ...manifest, formatVersion: 2 }),
      JSON.stringify({ ...manifest, model: "another" }),
      JSON.stringify({ ...manifest, task: "ordered" }),
    ];
    for (const text of broken) await refusal({ ...grove, "manifest.json": text });
    const { "manifest.json": _, ...others } = grove;
    expect((await refusal(others)).file).toBe("manifest.json");
  });

  it("a file that is too large is not read, and not UTF-8 is not JSON", async () => {
    const files = filesOf(grove);
    const tooLarge = loadPackage(
      {
        read: async (name, maxBytes) => {
          if (name === "serving.json") throw new ObjectTooLarge(name);
          return files.read(name, maxBytes);
        },
      },
      { goldenRows: 1 },
    );
    await expect(tooLarge).rejects.toThrow(/serving\.json: is larger than/);
    const latin = loadPackage({ read: async () => Uint8Array.of(0x7b, 0xff, 0x7d) }, { goldenRows: 1 });
    await expect(latin).rejects.toThrow(/manifest\.json: is not UTF-8/);
  });
});

const hostile: readonly unknown[] = [
  undefined,
  null,
  true,
  -1,
  0,
  0.5,
  1e308,
  2 ** 31,
  "",
  "x",
  "__proto__",
  [],
  {},
  [[]],
  "A".repeat(64),
];

/** Every place of a document, with the document changed there. */
function* mutations(document: unknown): Generator<unknown> {
  const parents: (readonly [Record<string, unknown>, string])[] = [];
  const visit = (value: unknown) => {
    if (typeof value !== "object" || value === null) return;
    for (const key of Object.keys(value)) {
      // The hundredth item of a list is checked as its first are.
      if (Array.isArray(value) && Number(key) > 2 && Number(key) < value.length - 1) continue;
      parents.push([value as Record<string, unknown>, key]);
      visit((value as Record<string, unknown>)[key]);
    }
  };
  visit(document);
  for (const [parent, key] of parents) {
    const before = parent[key];
    for (const value of hostile) {
      parent[key] = value;
      yield document;
    }
    parent[key] = before;
  }
}

describe("a package with right checksums and wrong content is refused, or scores; it never breaks", () => {
  it.each([
    ["serving.json", grove],
    ["spec.json", grove],
    ["serving.json", grovePackage({ linearLeaves: true })],
  ])("%s", { timeout: 120_000 }, async (name, grove) => {
    let refused = 0;
    let served = 0;
    for (const document of mutations(JSON.parse(grove[name] as string))) {
      const texts = seal({ ...grove, [name]: JSON.stringify(document) }, groveManifest);
      try {
        const model = await load(texts);
        for (const lead of groveLeads) model.score(lead, 3);
        served++;
      } catch (error) {
        expect(error, JSON.stringify(document).slice(0, 200)).toBeInstanceOf(PackageError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(served);
  });

  it("golden.jsonl: whatever differs is refused with its line", { timeout: 60_000 }, async () => {
    const lines = (grove["golden.jsonl"] as string).trimEnd().split("\n");
    const [first = "", ...rest] = lines;
    for (const document of mutations(JSON.parse(first))) {
      const text = [JSON.stringify(document), ...rest].join("\n");
      const texts = seal({ ...grove, "golden.jsonl": text }, groveManifest);
      try {
        await load(texts);
      } catch (error) {
        expect((error as Error).message).toMatch(/golden\.jsonl: line 1/);
      }
    }
    for (const text of ["", "\n", "x\n", `${first}\n{}\n`]) {
      expect((await refusal(seal({ ...grove, "golden.jsonl": text }, groveManifest))).file).toBe(
        "golden.jsonl",
      );
    }
  });

  it("a wrong contribution, also where only some rows are checked", async () => {
    const lines = (grove["golden.jsonl"] as string).trimEnd().split("\n");
    const isRefused = lines.map(async (line, at) => {
      const row = JSON.parse(line);
      if (row.rejected !== undefined) return [];
      const [field] = Object.keys(row.contributions);
      row.contributions[field as string][0] += 1e-5;
      const text = `${lines.with(at, JSON.stringify(row)).join("\n")}\n`;
      const files = filesOf(seal({ ...grove, "golden.jsonl": text }, groveManifest));
      const outcomes = [500, "all" as const].map((goldenRows) =>
        loadPackage(files, { goldenRows }).then(
          () => false,
          (error: Error) =>
            error.message.includes(`golden.jsonl: line ${at + 1}: the contribution of ${field}`),
        ),
      );
      return [await Promise.all(outcomes)];
    });
    const [first, ...others] = (await Promise.all(isRefused)).flat();
    expect(first).toEqual([true, true]);
    expect(others.every(([, all]) => all)).toBe(true);
    expect(others.some(([some]) => !some)).toBe(true);
  });

  it("trees that are no trees", async () => {
    const serving = JSON.parse(grove["serving.json"] as string);
    const int32 = (values: Int32Array) => ({
      type: "int32",
      data: Buffer.from(values.buffer).toString("base64"),
    });
    const numbers = (key: string) =>
      new Int32Array(new Uint8Array(Buffer.from(serving.predictor[key].data, "base64")).buffer);
    const changed = (key: string, change: (values: Int32Array) => void) => {
      const values = numbers(key);
      change(values);
      const predictor = { ...serving.predictor, [key]: int32(values) };
      return seal({ ...grove, "serving.json": JSON.stringify({ ...serving, predictor }) }, groveManifest);
    };
    const leftOfRoot = 0;
    const cases: [string, Texts][] = [
      ["a cycle", changed("left", (left) => left.fill(0, leftOfRoot, 1))],
      ["two parents", changed("right", (right) => right.set(numbers("left").subarray(0, 1)))],
      ["beyond the tree", changed("right", (right) => right.fill(9_999, 0, 1))],
      ["no such column", changed("feature", (feature) => feature.fill(99, 0, 1))],
      ["no such set", changed("categorySet", (sets) => sets.fill(77, 0, 1))],
      ["falling offsets", changed("treeStart", (start) => start.fill(1, 1, 3))],
      ["too few offsets", changed("treeStart", (start) => start.fill(0))],
    ];
    for (const [what, texts] of cases) expect((await refusal(texts)).file, what).toBe("serving.json");
  });
});
