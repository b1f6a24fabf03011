import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DirectoryObjectStore } from "../../local/store/directory-object-store.ts";
import { createSigner } from "../../test/manifest-signer.ts";
import { filesOf, TINY_MODEL, tinyPackage } from "../../test/tiny-package.ts";
import { readTrustedKeys } from "../package/signature.ts";
import type { ObjectStore, PutCondition } from "../ports.ts";
import { Champions, type RegistryCheck } from "./champions.ts";
import { promote, RollbackRefused, registerPackage, rollBack, type Signing } from "./register.ts";
import { readStages } from "./stages.ts";
import { packagePrefix } from "./stored-package.ts";

const actor = { by: "test" };
const signer = createSigner();
const first = tinyPackage();
const second = tinyPackage({ weight: 0.75 });

let directory: DirectoryObjectStore;
let store: PolicedStore;
let signing: Signing;
let checks: RegistryCheck[];

/** What the bucket policy enforces in AWS: no unconditional write, and no overwriting of a version's objects. */
class PolicedStore implements ObjectStore {
  readonly #store: ObjectStore;
  /** Writes until the process "dies". */
  writesLeft = Number.POSITIVE_INFINITY;
  isDown = false;

  constructor(store: ObjectStore) {
    this.#store = store;
  }
  async get(...args: Parameters<ObjectStore["get"]>) {
    this.#requireUp();
    return this.#store.get(...args);
  }
  async getIfChanged(...args: Parameters<ObjectStore["getIfChanged"]>) {
    this.#requireUp();
    return this.#store.getIfChanged(...args);
  }
  async put(key: string, body: Uint8Array, condition?: PutCondition) {
    const isVersion = key.includes("/versions/");
    if (condition === undefined || (isVersion && "ifMatch" in condition)) throw new Error("AccessDenied");
    if (this.writesLeft-- <= 0) throw new Error("died");
    return this.#store.put(key, body, condition);
  }
  list(prefix: string) {
    return this.#store.list(prefix);
  }
  async listFolders(prefix: string) {
    this.#requireUp();
    return this.#store.listFolders(prefix);
  }
  #requireUp(): void {
    if (this.isDown) throw new Error("S3 is down");
  }
}

const champions = (trustedKeys = signing.trustedKeys) =>
  new Champions({ store, trustedKeys, onChange: () => {}, onCheck: (check) => checks.push(check) });

beforeEach(async () => {
  directory = new DirectoryObjectStore(await mkdtemp(join(tmpdir(), "leadgauge-signed-")));
  store = new PolicedStore(directory);
  signing = { signer, trustedKeys: await readTrustedKeys(signer.publicKey) };
  checks = [];
});
afterEach(() => rm(directory.root, { recursive: true, force: true }));

async function serve(tiny: typeof first, how = signing): Promise<void> {
  await registerPackage(store, filesOf(tiny), actor, how);
  await promote(store, TINY_MODEL, tiny.version, "production", actor, how);
}

describe("a registry that signs", () => {
  it("writes with conditions only, and registers again without writing", async () => {
    await serve(first);
    store.writesLeft = 0;
    await serve(first);
    const server = champions();
    expect((await server.get(TINY_MODEL))?.model.version).toBe(first.version);
  });

  it("completes a registration that died at any write", async () => {
    for (let writes = 0; ; writes++) {
      const tiny = tinyPackage({ weight: 1 + writes / 100 });
      store.writesLeft = writes;
      const died = await serve(tiny).then(
        () => false,
        () => true,
      );
      store.writesLeft = Number.POSITIVE_INFINITY;
      await serve(tiny);
      const server = champions();
      expect((await server.get(TINY_MODEL))?.model.version).toBe(tiny.version);
      if (!died) {
        // spec, serving, profile, golden, card, signature, manifest, and twice stages.json
        expect(writes).toBe(9);
        break;
      }
    }
  });

  it("refuses another build of a version, and what it cannot repair, by name", async () => {
    await registerPackage(store, filesOf(first), actor);
    const manifest = JSON.parse(first.files.get("manifest.json")?.toString() ?? "");
    const files = new Map(first.files).set(
      "manifest.json",
      Buffer.from(JSON.stringify({ ...manifest, createdAt: "2026-02-02T00:00:00Z" })),
    );
    const again = registerPackage(store, filesOf({ version: first.version, files }), actor, signing);
    await expect(again).rejects.toThrow(/manifest.json: differs from the file that the registry holds/);
    const key = `${packagePrefix(TINY_MODEL, first.version)}spec.json`;
    await directory.put(key, Buffer.from("{}"));
    await expect(registerPackage(store, filesOf(first), actor)).rejects.toThrow(
      /spec.json: differs.*AccessDenied/,
    );
  });

  it("signs what was registered without a signature, and then it serves", async () => {
    await registerPackage(store, filesOf(first), actor);
    await expect(promote(store, TINY_MODEL, first.version, "production", actor, signing)).rejects.toThrow(
      /manifest.sig: is missing/,
    );
    await serve(first);
    expect((await champions().get(TINY_MODEL))?.model.version).toBe(first.version);
  });
});

describe("a registry whose signing key is replaced", () => {
  const next = createSigner();
  const trust = async (...keys: { publicKey: string }[]) =>
    readTrustedKeys(keys.map(({ publicKey }) => publicKey).join());
  const served = async (...keys: { publicKey: string }[]) =>
    (await champions(await trust(...keys)).get(TINY_MODEL))?.model.version;

  it("signs a version again beside the old signature: it serves whoever trusts either key", async () => {
    await serve(first);
    expect(await served(next)).toBeUndefined();
    const byNext = { signer: next, trustedKeys: await trust(next) };
    await serve(first, byNext);
    for (const keys of [[signer], [next], [signer, next]]) expect(await served(...keys)).toBe(first.version);
    expect(await served(createSigner())).toBeUndefined();
    store.writesLeft = 0;
    await serve(first, byNext);
    await serve(first);
  });

  it("signs beside what is no signature at all", async () => {
    const prefix = packagePrefix(TINY_MODEL, first.version);
    await directory.put(`${prefix}manifest.sig`, Buffer.from("occupied"));
    await serve(first);
    expect(await served(signer)).toBe(first.version);
  });

  it("adds nothing more when what it signed itself is not trusted, or no place is free", async () => {
    const prefix = packagePrefix(TINY_MODEL, first.version);
    await expect(serve(first, { signer, trustedKeys: await trust(next) })).rejects.toThrow(
      /manifest.sig: is not the signature/,
    );
    expect(await directory.get(`${prefix}manifest.2.sig`)).toBeUndefined();
    for (let place = 2; place <= 16; place++) {
      await directory.put(`${prefix}manifest.${place}.sig`, Buffer.from("occupied"));
    }
    await expect(serve(first, { signer: next, trustedKeys: await trust(next) })).rejects.toThrow(
      /manifest.sig/,
    );
  });
});

describe("champions that trust keys", () => {
  it("refuse an unsigned version and one signed by somebody else, tell so at every look, and serve on", async () => {
    await serve(first);
    const server = champions();
    await server.start();
    await serve(second, {});
    await server.refresh();
    await server.refresh();
    expect(server.current(TINY_MODEL)?.model.version).toBe(first.version);
    expect(server.statuses()[0]?.problem).toMatch(/manifest.sig: is missing/);
    await serve(tinyPackage({ weight: 2 }), { signer: createSigner() });
    await server.refresh();
    expect(server.current(TINY_MODEL)?.model.version).toBe(first.version);
    expect(server.statuses()[0]?.problem).toMatch(/manifest.sig: is not the signature/);
    expect(checks.map(({ refused }) => refused)).toEqual([[], [TINY_MODEL], [TINY_MODEL], [TINY_MODEL]]);
    expect(checks.every(({ isStale }) => !isStale)).toBe(true);
  });

  it("serve on while the registry cannot be read, and say that they may be out of date", async () => {
    await serve(first);
    const server = champions();
    await server.start();
    await serve(second);
    store.isDown = true;
    await server.refresh();
    expect(server.current(TINY_MODEL)?.model.version).toBe(first.version);
    expect(checks.at(-1)).toEqual({ isStale: true, refused: [] });
    store.isDown = false;
    await server.refresh();
    expect(server.current(TINY_MODEL)?.model.version).toBe(second.version);
    expect(checks.at(-1)).toEqual({ isStale: false, refused: [] });
  });

  it("are stale, not refusing, when the registry fails between stages and package", async () => {
    await serve(first);
    const server = champions();
    await server.start();
    await serve(second);
    const get = store.get.bind(store);
    store.get = async (key, ...rest) => {
      if (key.endsWith("serving.json")) throw new Error("S3 is down");
      return get(key, ...rest);
    };
    await server.refresh();
    expect(checks.at(-1)).toEqual({ isStale: true, refused: [] });
    expect(server.current(TINY_MODEL)?.model.version).toBe(first.version);
  });
});

describe("rolling back", () => {
  it("brings the version before back, and a second time the newer one", async () => {
    await serve(first);
    await serve(second);
    const stages = await rollBack(store, TINY_MODEL, actor, signing);
    expect(stages).toMatchObject({ production: first.version, previous: second.version });
    expect(stages.history.at(-1)).toMatchObject({ action: "rolled-back", version: first.version });
    expect((await rollBack(store, TINY_MODEL, actor, signing)).production).toBe(second.version);
  });

  it("does it once for two who ask at once, and never takes back another version than was meant", async () => {
    await serve(first);
    await serve(second);
    const from = second.version;
    const both = [0, 1].map(() => rollBack(store, TINY_MODEL, actor, { ...signing, from }));
    const results = await Promise.allSettled(both);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect((await readStages(store, TINY_MODEL))?.stages.production).toBe(first.version);
    await expect(rollBack(store, TINY_MODEL, actor, { ...signing, from })).rejects.toThrow(RollbackRefused);
  });

  it("refuses where nothing served before, and a version before that is damaged", async () => {
    await serve(first);
    await expect(rollBack(store, TINY_MODEL, actor, signing)).rejects.toThrow(
      /no version of tiny that served before/,
    );
    await serve(second);
    await directory.put(`${packagePrefix(TINY_MODEL, first.version)}spec.json`, Buffer.from("{}"));
    await expect(rollBack(store, TINY_MODEL, actor, signing)).rejects.toThrow(/spec.json/);
    expect((await readStages(store, TINY_MODEL))?.stages.production).toBe(second.version);
  });
});
