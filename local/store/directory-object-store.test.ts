import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { describeObjectStore } from "../../test/object-store-contract.ts";
import { DirectoryObjectStore } from "./directory-object-store.ts";

const roots: string[] = [];
async function open(): Promise<DirectoryObjectStore> {
  const root = await mkdtemp(join(tmpdir(), "leadgauge-store-"));
  roots.push(root);
  return new DirectoryObjectStore(root);
}
afterAll(() => Promise.all(roots.map((root) => rm(root, { recursive: true, force: true }))));

describeObjectStore("DirectoryObjectStore", open);

describe("DirectoryObjectStore on its file system", () => {
  it("never leaves its directory", async () => {
    const store = await open();
    for (const key of ["../x", "a/../../x", "/etc/passwd", "a//b", "a/.", "a\\..\\b", "", "a\0", ".tmp/x"]) {
      await expect(store.get(key)).rejects.toThrow("is not a key");
      await expect(store.put(key, new Uint8Array())).rejects.toThrow("is not a key");
    }
  });

  it("leaves no half-written file behind, and lists none", async () => {
    const store = await open();
    await store.put("k", new Uint8Array([1]));
    await store.put("k", new Uint8Array([2]), { ifNoneMatch: "*" }).catch(() => {});
    await store.put("k", new Uint8Array([2]), { ifMatch: "other" }).catch(() => {});
    expect(await readdir(join(store.root, ".tmp"))).toEqual([]);
    const keys: string[] = [];
    for await (const { key } of store.list("")) keys.push(key);
    expect(keys).toEqual(["k"]);
  });

  it("takes over the lock of a process that died", async () => {
    const store = await open();
    const { etag } = await store.put("k", new Uint8Array([1]));
    const lock = join(store.root, ".tmp", `${createHash("sha256").update("k").digest("hex")}.lock`);
    await mkdir(join(store.root, ".tmp"), { recursive: true });
    await writeFile(lock, "");
    await utimes(lock, new Date(0), new Date(0));
    await store.put("k", new Uint8Array([2]), { ifMatch: etag });
    expect((await store.get("k"))?.body[0]).toBe(2);
  });
});
