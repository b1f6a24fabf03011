import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import type { DropManifest } from "../../core/batch/manifest.ts";
import { scoreFile } from "../../local/files/score-file.ts";
import { tinyPackage } from "../tiny-package.ts";
import { leadgauge, scratchDirectory, writePackage } from "./cli.ts";

const project = fileURLToPath(new URL("../..", import.meta.url));
const home = scratchDirectory();
const model = join(home, "model");

beforeAll(() => {
  mkdirSync(model);
  writePackage(model, tinyPackage());
});

const score = (...words: string[]) => leadgauge(home, ["score", "--model", "model", ...words]);
const inHome = (...names: string[]) => join(home, ...names);
const manifestOf = (out: string): DropManifest =>
  JSON.parse(readFileSync(inHome(out, "manifest.json"), "utf8"));
const sha256 = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

function python(script: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(join(project, ".venv/bin/python"), ["-c", script, ...args], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** Every eleventh row is bad in one way or another. */
function manyLeads(rows: number): string {
  const bad = ["L,x", "L", 'L,"1', "L,1,2", '"L"x,1'];
  const lines = Array.from({ length: rows }, (_, row) => {
    return row % 11 === 10
      ? bad[row % bad.length]
      : `"L${row}${row % 7 === 0 ? "\nsecond line" : ""}",${row % 9}`;
  });
  return `Lead,Visits\n${lines.join("\n")}\n`;
}

describe("a large file", () => {
  it("has the same results from one thread and from several, and every row in one of them", async () => {
    const path = inHome("large.csv");
    writeFileSync(path, manyLeads(200_000));
    const outputs: Record<string, string>[] = [];
    for (const threads of [0, 2]) {
      const out = inHome(`large-${threads}`);
      const manifest = await scoreFile({
        path,
        outDirectory: out,
        model: { name: "tiny", directory: async () => model },
        options: { reasons: 2, top: 100, tolerance: { share: 0.5 } },
        threads,
      });
      expect(manifest.rows.in).toBe(200_000);
      expect(manifest.rows.scored + manifest.rows.rejected).toBe(200_000);
      for (const { name, sha256: told } of manifest.files) expect(sha256(join(out, name))).toBe(told);
      outputs.push(Object.fromEntries(manifest.files.map(({ name, sha256: hash }) => [name, hash])));
    }
    expect(outputs[1]).toEqual(outputs[0]);
  });

  it("is read by others as what it is: pandas sees the same rows", async () => {
    writeFileSync(inHome("pandas.csv"), manyLeads(5_000));
    expect((await score("pandas.csv", "--out", "pandas")).code).toBe(0);
    const counts = python(
      "import pandas, sys; print(*[len(pandas.read_csv(path)) for path in sys.argv[1:]])",
      inHome("pandas", "pandas.scored.csv"),
      inHome("pandas", "pandas.errors.csv"),
    );
    const { rows } = manifestOf("pandas");
    expect(counts.trim()).toBe(`${rows.scored} ${rows.rejected}`);
  });
});

describe("a gzip file", () => {
  const content = "Lead,Visits\nL1,6\nL2,1\n";

  it("is answered with one", async () => {
    writeFileSync(inHome("leads.csv.gz"), gzipSync(content));
    expect((await score("leads.csv.gz", "--out", "gz")).code).toBe(0);
    const scored = gunzipSync(readFileSync(inHome("gz", "leads.scored.csv.gz"))).toString();
    expect(scored.split("\n")[1]).toMatch(/^L1,6,0\.88/);
    expect(manifestOf("gz").input).toMatchObject({
      compression: "gzip",
      sha256: sha256(inHome("leads.csv.gz")),
    });
  });

  it("that was cut off scores nothing, and says so", async () => {
    const whole = gzipSync(`Lead,Visits\n${"L1,6\nL2,1\nL3,4\n".repeat(50_000)}`);
    writeFileSync(inHome("cut.csv.gz"), whole.subarray(0, whole.length - 20));
    const { code, stderr } = await score("cut.csv.gz", "--out", "cut");
    expect(code).toBe(2);
    expect(stderr).toContain("the file was cut off");
    expect(readdirSync(inHome("cut")).sort()).toEqual(["cut.errors.csv", "manifest.json"]);
    const { status, error, rows } = manifestOf("cut");
    expect({ status, code: error?.code }).toEqual({ status: "failed", code: "truncated_gzip" });
    expect(rows.in).toBe(rows.scored + rows.rejected);
  });

  it("that is none is refused, as is one that hides its compression", async () => {
    writeFileSync(inHome("plain.csv.gz"), content);
    expect((await score("plain.csv.gz", "--out", "plain")).stderr).toContain("its gzip data can't be read");
    writeFileSync(inHome("hidden.csv"), gzipSync(content));
    expect((await score("hidden.csv", "--out", "hidden")).stderr).toContain("a name that ends in .csv.gz");
  });
});

describe("a Parquet file", () => {
  const write = `
import datetime, decimal, sys
import pyarrow as pa, pyarrow.parquet as pq
D = decimal.Decimal
pq.write_table(pa.table({
  "Lead": ["L1", "Lé2", None, "L4"],
  "Visits": pa.array([D("6.00"), D("1.50"), None, D("9999.00")], pa.decimal128(20, 2)),
  "Source": pa.array(["Web", "x", "x", None]).dictionary_encode(),
  "big": pa.array([2**62 + 1, -1, None, 0]),
  "day": [datetime.date(2021, 3, 4), datetime.date(1960, 1, 1), None, datetime.date(9999, 1, 1)],
  "at": pa.array([1614834367123456789, -1, None, 0], pa.timestamp("ns", tz="UTC")),
  "byte": pa.array([1, 2, None, 255], pa.uint8()),
  "raw": [b"\\xff\\x00", b"", None, b"a"],
  "list": pa.array([[1, None], [], None, [2]], pa.list_(pa.int64())),
  "struct": [{"a": 1, "b": "x"}, {"a": None, "b": None}, None, {"a": 2, "b": "y"}],
}), sys.argv[1], row_group_size=3, compression=sys.argv[2])`;
  const compare = `
import sys
import pyarrow.parquet as pq
before, after = pq.read_table(sys.argv[1]), pq.read_table(sys.argv[2])
for name in before.column_names:
    old, new = before[name], after[name]
    assert old.to_pylist() == new.to_pylist(), (name, old, new)
    assert name == "Source" or old.type == new.type, (name, old.type, new.type)
print(after["leadgauge_score"].to_pylist(), after["leadgauge_probability"].type, after["leadgauge_score"].type, after["leadgauge_raise_1"].to_pylist()[0])`;

  it.each(["snappy", "gzip", "zstd", "brotli", "lz4", "none"])(
    "compressed with %s comes back with all its columns as they were",
    async (compression) => {
      const name = `${compression}.parquet`;
      python(write, inHome(name), compression);
      expect((await score(name, "--out", compression, "--top", "2")).code).toBe(0);
      const told = python(compare, inHome(name), inHome(compression, `${compression}.scored.parquet`));
      expect(told.trim()).toBe("[88, 44, 50, 100] double int32 Visits is 6 visits");
      const best = python(
        "import sys, pyarrow.parquet as pq; print(pq.read_table(sys.argv[1])['Lead'].to_pylist())",
        inHome(compression, `${compression}.top.parquet`),
      );
      expect(best.trim()).toBe("['L4', 'L1']");
    },
  );

  it("of other columns is refused; a damaged one too", async () => {
    python(
      `
import sys, pyarrow as pa, pyarrow.parquet as pq
pq.write_table(pa.table({"a": [1]}), sys.argv[1])`,
      inHome("other.parquet"),
    );
    const other = await score("other.parquet", "--out", "other");
    expect(other.code).toBe(2);
    expect(other.stderr).toContain(
      "No column of the file is a field of the model tiny. The file's columns: a.",
    );
    const bytes = readFileSync(inHome("snappy.parquet"));
    writeFileSync(inHome("cut.parquet"), bytes.subarray(0, bytes.length - 10));
    expect((await score("cut.parquet", "--out", "cut-parquet")).stderr).toContain("it was cut off");
    for (let at = 4; at < bytes.length - 8; at += Math.ceil(bytes.length / 60)) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ 0xff;
      writeFileSync(inHome("flipped.parquet"), flipped);
      const { status, rows } = await scoreFile({
        path: inHome("flipped.parquet"),
        outDirectory: inHome("flipped"),
        model: { name: "tiny", directory: async () => model },
        options: { reasons: 1, top: 0, tolerance: { share: 1 } },
        threads: 0,
      });
      expect(["succeeded", "failed"]).toContain(status);
      expect(rows.in).toBe(rows.scored + rows.rejected);
    }
  });

  it("tells of a bad row by its values", async () => {
    python(
      `
import sys, pyarrow as pa, pyarrow.parquet as pq
pq.write_table(pa.table({"Lead": ["L1", "L2", "L3"], "Visits": ["1,234", "3", float("inf").__repr__()]}), sys.argv[1])`,
      inHome("bad.parquet"),
    );
    expect((await score("bad.parquet", "--out", "bad-parquet", "--tolerance", "100%")).code).toBe(0);
    const errors = readFileSync(inHome("bad-parquet", "bad.errors.csv"), "utf8");
    expect(errors).toContain("1,Visits,invalid_number,");
    expect(errors).toContain('"{""Lead"":""L1"",""Visits"":""1,234""}",\n');
    expect(manifestOf("bad-parquet").rows).toEqual({ in: 3, scored: 1, rejected: 2 });
  });
});

describe("evaluate", () => {
  it("agrees with scikit-learn", async () => {
    const rows = Array.from({ length: 3_000 }, (_, row) => {
      const visits = (row * 7919) % 12;
      return `L${row},${visits},${(row * 104_729) % 13 < visits ? "yes" : "no"}`;
    });
    writeFileSync(inHome("labelled.csv"), `Lead,Visits,Bought\n${rows.join("\n")}\n`);
    const { code, stdout } = await leadgauge(home, [
      "evaluate",
      "--model",
      "model",
      "--data",
      "labelled.csv",
    ]);
    expect(code).toBe(0);
    const { metrics, intervals, calibration } = JSON.parse(stdout);
    const expected = JSON.parse(
      python(
        `
import json, sys
import numpy as np, pandas as pd
from sklearn import metrics as m
from sklearn.linear_model import LogisticRegression
t = pd.read_csv(sys.argv[1])
z = 0.5 * t["Visits"].to_numpy() - 1
p, y = 1 / (1 + np.exp(-z)), (t["Bought"] == "yes").to_numpy().astype(int)
guess = p >= 0.5
line = LogisticRegression(penalty=None, tol=1e-10, max_iter=1000).fit(z[:, None], y)
print(json.dumps({"accuracy": m.accuracy_score(y, guess), "precision": m.precision_score(y, guess), "recall": m.recall_score(y, guess),
  "f1": m.f1_score(y, guess), "rocAuc": m.roc_auc_score(y, p), "prAuc": m.average_precision_score(y, p), "logLoss": m.log_loss(y, p),
  "brier": m.brier_score_loss(y, p), "slope": line.coef_[0][0], "intercept": line.intercept_[0]}))`,
        inHome("labelled.csv"),
      ),
    );
    const { slope, intercept, ...figures } = expected;
    for (const [name, value] of Object.entries(figures)) {
      expect(metrics[name], name).toBeCloseTo(value as number, 9);
      expect(intervals[name][0]).toBeLessThan(metrics[name]);
      expect(intervals[name][1]).toBeGreaterThan(metrics[name]);
    }
    expect(calibration.yes.slope).toBeCloseTo(slope, 4);
    expect(calibration.yes.intercept).toBeCloseTo(intercept, 4);
  });
});
