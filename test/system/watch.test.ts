import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { DropManifest } from "../../core/batch/manifest.ts";
import { Champions } from "../../core/registry/champions.ts";
import { promote, registerPackage } from "../../core/registry/register.ts";
import { DirectoryObjectStore } from "../../local/store/directory-object-store.ts";
import { type DropEvent, watchDrops } from "../../local/watch/watch-drops.ts";
import { filesOf, tinyPackage } from "../tiny-package.ts";
import { scratchDirectory } from "./cli.ts";

const root = scratchDirectory();
const store = new DirectoryObjectStore(root);
const actor = { by: "test" };
const patienceInMilliseconds = 60_000;

async function serve(weight: number, model = "tiny"): Promise<void> {
  const { version } = await registerPackage(store, filesOf(tinyPackage({ weight, model })), actor);
  await promote(store, model, version, "production", actor);
}

const inPath = (object: string, model = "tiny") => join(root, "batch", "in", model, object);
const outPath = (object: string, name: string, model = "tiny") =>
  join(root, "batch", "out", model, object, name);

/** As a careful program drops a file: written elsewhere, then moved. */
function drop(object: string, content: string, model = "tiny"): void {
  const path = inPath(object, model);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.part`, content);
  renameSync(`${path}.part`, path);
}

async function until<Result>(look: () => Result | undefined, what: string): Promise<Result> {
  for (const end = Date.now() + patienceInMilliseconds; Date.now() < end; await sleep(100)) {
    const found = look();
    if (found !== undefined) return found;
  }
  throw new Error(`${what} did not happen.`);
}

function manifest(object: string, model = "tiny"): DropManifest | undefined {
  try {
    return JSON.parse(readFileSync(outPath(object, "manifest.json", model), "utf8"));
  } catch {
    return undefined;
  }
}

const manifestOf = (object: string, model = "tiny") =>
  until(() => manifest(object, model), `The manifest of ${object}`);

let events: DropEvent[] = [];
let watch: { stop(): Promise<void> } | undefined;
async function start(): Promise<void> {
  const champions = new Champions({ store, onChange: () => {} });
  await champions.start();
  watch = await watchDrops({ store, champions, log: (event) => events.push(event) });
}

beforeAll(() => serve(0.5));
afterEach(async () => {
  await watch?.stop();
  watch = undefined;
  events = [];
});

describe("the watched folder", () => {
  it("scores what is dropped into a model's folder, whatever becomes of one drop", async () => {
    await start();
    expect(readdirSync(join(root, "batch", "in"))).toEqual(["tiny"]);
    drop("one.csv", "Lead,Visits\nL1,6\n");
    drop("2026/11/two.jsonl", '{"Visits":6}\n');
    drop("bad.csv", "Lead,Visits\nL1,x\n");
    drop("sheet.xlsx", "PK");
    drop("three.csv", "Lead,Visits\nL1,1\n", "no-such-model");
    drop(".hidden.csv", "Lead,Visits\nL1,6\n");
    expect((await manifestOf("one.csv")).status).toBe("succeeded");
    expect(readdirSync(dirname(outPath("one.csv", "x"))).sort()).toEqual([
      "manifest.json",
      "one.errors.csv",
      "one.scored.csv",
    ]);
    expect((await manifestOf("2026/11/two.jsonl")).rows).toEqual({ in: 1, scored: 1, rejected: 0 });
    expect((await manifestOf("bad.csv")).error?.code).toBe("nothing_scored");
    expect((await manifestOf("sheet.xlsx")).error?.code).toBe("unsupported_file");
    expect((await manifestOf("three.csv", "no-such-model")).error?.code).toBe("unknown_model");
    await until(() => (events.length === 5 ? true : undefined), "Five log lines");
    expect(readdirSync(join(root, "batch", "out", "tiny"))).not.toContain(".hidden.csv");
  });

  it("answers a file beside the models' folders with what to do", async () => {
    await start();
    writeFileSync(join(root, "batch", "in", "lost.csv"), "Lead,Visits\nL1,1\n");
    const answered = await until(() => manifest("", "lost.csv"), "The manifest of lost.csv");
    expect(answered.error).toEqual({
      code: "unknown_model",
      detail: "The file is in no model's folder: put it into batch/in/MODEL/, where MODEL is one of tiny.",
    });
  });

  it("does once what was dropped once: not again after a restart, nor for a newer version", async () => {
    const before = await manifestOf("one.csv");
    await serve(0.75);
    await start();
    drop("later.csv", "Lead,Visits\nL1,6\n");
    const later = await manifestOf("later.csv");
    expect(later.model.version).not.toBe(before.model.version);
    expect(manifest("one.csv")).toEqual(before);
    expect(events.map(({ object }) => object)).toEqual(["later.csv"]);
  });

  it("scores a file anew that was dropped anew, and once a model is there that was not", async () => {
    const before = await manifestOf("one.csv");
    await serve(0.5, "no-such-model");
    await start();
    drop("one.csv", "Lead,Visits\nL1,6\n");
    const now = new Date(Date.now() + 1_000);
    utimesSync(inPath("one.csv"), now, now);
    const after = await until(() => {
      const current = manifest("one.csv");
      return current?.model.version === before.model.version ? undefined : current;
    }, "A new result");
    expect(after.status).toBe("succeeded");
    await until(
      () => (manifest("three.csv", "no-such-model")?.status === "succeeded" ? true : undefined),
      "The drop of the model that was missing",
    );
  });

  it("waits for a file that is still growing", async () => {
    await start();
    const path = inPath("slow.csv");
    writeFileSync(path, "Lead,Visits\n");
    for (let row = 0; row < 12; row++) {
      await sleep(300);
      writeFileSync(path, `L${row},1\n`, { flag: "a" });
    }
    expect((await manifestOf("slow.csv")).rows.in).toBe(12);
    expect(statSync(path).size).toBe((await manifestOf("slow.csv")).input.bytes);
  });
});
