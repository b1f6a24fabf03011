import { describe, expect, it } from "vitest";
import { ConditionFailed, type ObjectStore, ObjectTooLarge } from "../core/ports.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (body: Uint8Array | undefined) => new TextDecoder().decode(body);

/** What every object store must do: run against the directory store and against S3. */
export function describeObjectStore(name: string, open: () => Promise<ObjectStore>): void {
  describe(name, () => {
    it("gives back what was put, under any characters a key may have", async () => {
      const store = await open();
      for (const key of ["a", "x/y/z.json", "batch/in/m/Leads März (1) + %20.csv", "x/ü"]) {
        await store.put(key, bytes(`of ${key}`));
        expect(text((await store.get(key))?.body)).toBe(`of ${key}`);
      }
      await store.put("a", bytes(""));
      expect((await store.get("a"))?.body.length).toBe(0);
    });

    it("has no object where none was put, nor at a folder", async () => {
      const store = await open();
      await store.put("x/y/z", bytes("1"));
      expect(await store.get("nothing")).toBeUndefined();
      expect(await store.get("x/y")).toBeUndefined();
      expect(await store.get("x/y/z/w")).toBeUndefined();
      expect(await store.getIfChanged("nothing", '"1"')).toBeUndefined();
    });

    it("refuses an object larger than asked for", async () => {
      const store = await open();
      await store.put("big", new Uint8Array(101));
      await expect(store.get("big", { maxBytes: 100 })).rejects.toBeInstanceOf(ObjectTooLarge);
      expect((await store.get("big", { maxBytes: 101 }))?.body.length).toBe(101);
    });

    it("tells an unchanged object by its etag", async () => {
      const store = await open();
      const { etag } = await store.put("k", bytes("1"));
      expect((await store.get("k"))?.etag).toBe(etag);
      expect(await store.getIfChanged("k", etag)).toBe("unchanged");
      await store.put("k", bytes("2"));
      const changed = await store.getIfChanged("k", etag);
      if (changed === undefined || changed === "unchanged") throw new Error("the change was not seen");
      expect(text(changed.body)).toBe("2");
      expect(changed.etag).not.toBe(etag);
    });

    it("creates only what is not there, when asked so", async () => {
      const store = await open();
      await store.put("k", bytes("1"), { ifNoneMatch: "*" });
      await expect(store.put("k", bytes("2"), { ifNoneMatch: "*" })).rejects.toBeInstanceOf(ConditionFailed);
      expect(text((await store.get("k"))?.body)).toBe("1");
    });

    it("replaces only the version it was told of", async () => {
      const store = await open();
      await expect(store.put("k", bytes("1"), { ifMatch: '"none"' })).rejects.toBeInstanceOf(ConditionFailed);
      const first = await store.put("k", bytes("1"));
      const second = await store.put("k", bytes("2"), { ifMatch: first.etag });
      await expect(store.put("k", bytes("3"), { ifMatch: first.etag })).rejects.toBeInstanceOf(
        ConditionFailed,
      );
      expect(text((await store.get("k"))?.body)).toBe("2");
      expect((await store.get("k"))?.etag).toBe(second.etag);
    });

    it("lets one of many simultaneous writers win", async () => {
      const store = await open();
      const count = (results: PromiseSettledResult<unknown>[]) =>
        results.filter((result) => result.status === "fulfilled").length;
      const writers = Array.from({ length: 8 }, (_, index) => bytes(String(index)));
      const created = writers.map((body) => store.put("k", body, { ifNoneMatch: "*" }));
      expect(count(await Promise.allSettled(created))).toBe(1);
      const etag = (await store.get("k"))?.etag ?? "";
      // Other bytes than what is there: with equal bytes S3's etag would stay the same, and both would be right.
      const others = writers.map((_, index) => bytes(`other ${index}`));
      const replaced = others.map((body) => store.put("k", body, { ifMatch: etag }));
      expect(count(await Promise.allSettled(replaced))).toBe(1);
    });

    it("lists keys by prefix in byte order, and folders", async () => {
      const store = await open();
      for (const key of ["m/b/1", "m/a/2", "m/a/1", "m/a-b/1", "m/a.json", "mm/1", "n", "m/é/1"]) {
        await store.put(key, bytes("12345"));
      }
      const keys = async (prefix: string) => {
        const found: string[] = [];
        for await (const { key, size } of store.list(prefix)) {
          expect(size).toBe(5);
          found.push(key);
        }
        return found;
      };
      expect(await keys("m/")).toEqual(["m/a-b/1", "m/a.json", "m/a/1", "m/a/2", "m/b/1", "m/é/1"]);
      expect(await keys("m/a")).toEqual(["m/a-b/1", "m/a.json", "m/a/1", "m/a/2"]);
      expect(await keys("m/a/2")).toEqual(["m/a/2"]);
      expect(await keys("")).toHaveLength(8);
      expect(await keys("nothing/")).toEqual([]);
      expect(await store.listFolders("m/")).toEqual(["a-b", "a", "b", "é"]);
      expect(await store.listFolders("nothing/")).toEqual([]);
    });
  });
}
