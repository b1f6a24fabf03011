import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DirectoryObjectStore } from "../../local/store/directory-object-store.ts";
import { filesOf, TINY_MODEL, tinyPackage } from "../../test/tiny-package.ts";
import { PackageError } from "../package/package-error.ts";
import { Champions } from "./champions.ts";
import { promote, registerPackage } from "./register.ts";
import { changeStages, NO_STAGES, readStages, stagesKey } from "./stages.ts";
import { packagePrefix } from "./stored-package.ts";

const actor = { by: "test", at: new Date("2026-01-01T00:00:00Z") };
const first = tinyPackage();
const second = tinyPackage({ weight: 0.75 });

let store: DirectoryObjectStore;
let now: number;
let told: string[];
const champions = () =>
  new Champions({
    store,
    now: () => now,
    onChange: ({ version, problem }) => told.push(problem ?? `${version}`),
  });

beforeEach(async () => {
  store = new DirectoryObjectStore(await mkdtemp(join(tmpdir(), "leadgauge-registry-")));
  now = 1_000_000;
  told = [];
});
afterEach(() => rm(store.root, { recursive: true, force: true }));

async function serve(tiny: typeof first): Promise<void> {
  await registerPackage(store, filesOf(tiny), actor);
  await promote(store, TINY_MODEL, tiny.version, "production", actor);
}

async function damage(version: string, name: string): Promise<void> {
  const key = packagePrefix(TINY_MODEL, version) + name;
  const body = (await store.get(key))?.body as Uint8Array;
  body[body.length >> 1] = (body[body.length >> 1] as number) ^ 1;
  await store.put(key, body);
}

describe("registering and promoting", () => {
  it("numbers versions, remembers who did what, and moves production to previous", async () => {
    await serve(first);
    expect(await registerPackage(store, filesOf(second), actor)).toEqual({
      model: TINY_MODEL,
      version: second.version,
      number: 2,
      isNew: true,
      noReasons: null,
    });
    await promote(store, TINY_MODEL, second.version, "staging", actor);
    await promote(store, TINY_MODEL, second.version, "production", actor);
    const stages = (await readStages(store, TINY_MODEL))?.stages;
    expect(stages).toMatchObject({ production: second.version, previous: first.version, staging: null });
    expect(stages?.history.map(({ action }) => action)).toEqual([
      "registered",
      "promoted",
      "registered",
      "staged",
      "promoted",
    ]);
  });

  it("changes nothing when the same is registered or promoted again", async () => {
    await serve(first);
    const before = (await readStages(store, TINY_MODEL))?.etag;
    expect((await registerPackage(store, filesOf(first), actor)).isNew).toBe(false);
    await promote(store, TINY_MODEL, first.version, "production", actor);
    expect((await readStages(store, TINY_MODEL))?.etag).toBe(before);
  });

  it("refuses a damaged package, and a version that is not registered", async () => {
    const damaged = tinyPackage();
    damaged.files.set("serving.json", Buffer.from("{}"));
    await expect(registerPackage(store, filesOf(damaged), actor)).rejects.toThrow(PackageError);
    expect(await readStages(store, TINY_MODEL)).toBeUndefined();
    await serve(first);
    await expect(promote(store, TINY_MODEL, second.version, "production", actor)).rejects.toThrow(
      PackageError,
    );
    await registerPackage(store, filesOf(second), actor);
    await damage(second.version, "golden.jsonl");
    await expect(promote(store, TINY_MODEL, second.version, "production", actor)).rejects.toThrow(
      "golden.jsonl",
    );
    expect((await readStages(store, TINY_MODEL))?.stages.production).toBe(first.version);
  });

  it("repairs a stored version that was damaged, when it is registered again", async () => {
    await serve(first);
    await damage(first.version, "serving.json");
    await registerPackage(store, filesOf(first), actor);
    const server = champions();
    await server.start();
    expect(server.current(TINY_MODEL)?.model.version).toBe(first.version);
  });

  it("loses no change of two that come at once", async () => {
    await serve(first);
    const add = (version: string) =>
      changeStages(store, TINY_MODEL, (stages) => ({
        ...stages,
        history: [...stages.history, { at: actor.at.toISOString(), action: "staged", version, by: "test" }],
      }));
    const versions = Array.from({ length: 4 }, (_, index) => String(index).repeat(32));
    await Promise.all(versions.map(add));
    const stages = (await readStages(store, TINY_MODEL))?.stages ?? NO_STAGES;
    expect(
      stages.history
        .slice(-4)
        .map(({ version }) => version)
        .sort(),
    ).toEqual(versions);
  });

  it("says what is wrong with a damaged stages.json", async () => {
    await store.put(stagesKey(TINY_MODEL), Buffer.from("{"));
    await expect(readStages(store, TINY_MODEL)).rejects.toThrow(
      "model-artifacts/tiny/stages.json is not JSON",
    );
    await store.put(stagesKey(TINY_MODEL), Buffer.from(JSON.stringify({ ...NO_STAGES, production: "../x" })));
    await expect(readStages(store, TINY_MODEL)).rejects.toThrow("/production");
  });
});

describe("Champions", () => {
  it("load the model that a caller waits for before the others", async () => {
    const other = tinyPackage({ model: "another" });
    await registerPackage(store, filesOf(other), actor);
    await promote(store, "another", other.version, "production", actor);
    await serve(first);
    const serving = champions();
    const read = vi.spyOn(store, "get");
    const started = serving.start();
    await serving.get(TINY_MODEL);
    const keys = read.mock.calls.map(([key]) => key);
    expect(keys).toContain(`${packagePrefix(TINY_MODEL, first.version)}spec.json`);
    expect(keys.filter((key) => key.startsWith(packagePrefix("another", other.version)))).toEqual([]);
    await started;
    expect(serving.statuses().every(({ champion }) => champion !== undefined)).toBe(true);
  });

  it("serves what is in production, and takes up a promotion without making a caller wait", async () => {
    await serve(first);
    const server = champions();
    await server.start();
    const lead = { Visits: 4, Source: "Web" };
    expect(server.current(TINY_MODEL)?.model.score(lead, 0)).toMatchObject({ tier: "Hot", score: 73 });
    await serve(second);
    expect(server.current(TINY_MODEL)?.model.version).toBe(first.version);
    now += 31_000;
    expect(server.current(TINY_MODEL)?.model.version).toBe(first.version);
    await server.refresh();
    expect(server.current(TINY_MODEL)).toMatchObject({ number: 2, model: { version: second.version } });
    expect(told).toEqual([first.version, second.version]);
  });

  it("can leave it to the time between requests when to look", async () => {
    await serve(first);
    const server = new Champions({ store, now: () => now, onChange: () => {}, looksOnRequest: false });
    await server.start();
    await serve(second);
    now += 31_000;
    expect(server.current(TINY_MODEL)?.model.version).toBe(first.version);
    expect(server.statuses()).toHaveLength(1);
    expect(server.refreshing).toBeUndefined();
    server.lookIfDue();
    await server.refreshing;
    expect(server.current(TINY_MODEL)?.model.version).toBe(second.version);
    server.lookIfDue();
    expect(server.refreshing).toBeUndefined();
  });

  it("load, for the first caller, no more than the model it asks for", async () => {
    await serve(first);
    const other = tinyPackage({ model: "other" });
    await registerPackage(store, filesOf(other), actor);
    await promote(store, "other", other.version, "production", actor);
    const server = champions();
    expect(server.current(TINY_MODEL)).toBeUndefined();
    expect((await server.get(TINY_MODEL))?.model.version).toBe(first.version);
    expect(told).toEqual([first.version]);
    await server.start();
    expect(told).toEqual([first.version, other.version]);
  });

  it("keeps what it serves when the version after it is damaged, and says so once", async () => {
    await serve(first);
    const server = champions();
    await server.start();
    await serve(second);
    await damage(second.version, "serving.json");
    for (let check = 0; check < 3; check++) await server.refresh();
    expect(server.current(TINY_MODEL)?.model.version).toBe(first.version);
    expect(server.statuses()[0]?.problem).toMatch(`Version ${second.version} is refused`);
    expect(server.statuses()[0]?.problem).toMatch("serving.json");
    expect(told).toHaveLength(2);
    await registerPackage(store, filesOf(second), actor);
    await server.refresh();
    expect(server.statuses()[0]).toMatchObject({ problem: undefined, champion: { number: 2 } });
  });

  it("starts with the version before a damaged one", async () => {
    await serve(first);
    await serve(second);
    await damage(second.version, "golden.jsonl");
    const server = champions();
    expect((await server.get(TINY_MODEL))?.model.version).toBe(first.version);
    expect(server.statuses()[0]?.problem).toMatch("golden.jsonl");
  });

  it.each(["golden.jsonl", "manifest.json", "profile.json", "serving.json", "spec.json"])(
    "serves nothing from a package whose %s is damaged or gone",
    async (name) => {
      await serve(first);
      await damage(first.version, name);
      const server = champions();
      expect(await server.get(TINY_MODEL)).toBeUndefined();
      expect(server.statuses()[0]?.problem).toMatch(name);
      await rm(store.path(packagePrefix(TINY_MODEL, first.version) + name));
      await server.refresh();
      expect(server.statuses()[0]?.problem).toMatch(name);
    },
  );

  it("keeps serving over a stages.json that is damaged or gone, and finds models that come later", async () => {
    await serve(first);
    const server = champions();
    await server.start();
    await store.put(stagesKey(TINY_MODEL), Buffer.from("{"));
    await server.refresh();
    expect(server.statuses()[0]?.problem).toMatch("is not JSON");
    await rm(store.path(stagesKey(TINY_MODEL)));
    await registerPackage(store, filesOf(tinyPackage({ model: "other" })), actor);
    await promote(store, "other", tinyPackage({ model: "other" }).version, "production", actor);
    await server.refresh();
    expect(server.current(TINY_MODEL)?.model.version).toBe(first.version);
    expect(server.statuses().map(({ model }) => model)).toEqual(["other", TINY_MODEL]);
    expect(server.current("other")).toBeDefined();
  });

  it("has no model of another name, and none in an empty store", async () => {
    const server = champions();
    expect(await server.get("nothing")).toBeUndefined();
    expect(server.statuses()).toEqual([]);
  });
});
