import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { promote, registerPackage } from "../../core/registry/register.ts";
import { readStages, stagesKey } from "../../core/registry/stages.ts";
import { filesOf, TINY_MODEL, tinyPackage } from "../../test/tiny-package.ts";
import { DirectoryObjectStore } from "../store/directory-object-store.ts";
import { seedModels } from "./seed.ts";

let root: string;
let store: DirectoryObjectStore;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "leadgauge-seed-"));
  store = new DirectoryObjectStore(join(root, "store"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** The models folder of a release of the project. */
async function shippedWith(tiny: ReturnType<typeof tinyPackage>): Promise<DirectoryObjectStore> {
  const release = new DirectoryObjectStore(join(root, tiny.version));
  await registerPackage(release, filesOf(tiny), { by: "release" });
  await promote(release, TINY_MODEL, tiny.version, "production", { by: "release" });
  return new DirectoryObjectStore(join(release.root, "model-artifacts"));
}

const stages = async () => (await readStages(store, TINY_MODEL))?.stages;
const [first, second, own] = [tinyPackage(), tinyPackage({ weight: 0.75 }), tinyPackage({ weight: 2 })];

it("brings the shipped version, once, and a newer shipped one in its place", async () => {
  await seedModels(store, await shippedWith(first));
  expect(await stages()).toMatchObject({ production: first.version, versions: [{ number: 1 }] });
  const { etag } = (await readStages(store, TINY_MODEL)) ?? {};
  await seedModels(store, await shippedWith(first));
  expect((await readStages(store, TINY_MODEL))?.etag).toBe(etag);
  await seedModels(store, await shippedWith(second));
  expect(await stages()).toMatchObject({ production: second.version, previous: first.version });
});

it("registers a newer shipped version without replacing what somebody promoted here", async () => {
  await seedModels(store, await shippedWith(first));
  await registerPackage(store, filesOf(own), { by: "me" });
  await promote(store, TINY_MODEL, own.version, "production", { by: "me" });
  await seedModels(store, await shippedWith(second));
  expect((await stages())?.production).toBe(own.version);
  expect((await stages())?.versions.map(({ version }) => version)).toEqual([
    first.version,
    own.version,
    second.version,
  ]);
});

it("leaves a damaged stages.json as it is", async () => {
  await store.put(stagesKey(TINY_MODEL), Buffer.from("{"));
  await seedModels(store, await shippedWith(first));
  expect((await store.get(stagesKey(TINY_MODEL)))?.body.length).toBe(1);
});
