import { describe, expect, it } from "vitest";
import {
  ConditionFailed,
  type LargeObjectStore,
  ObjectChanged,
  type ObjectStore,
  ObjectTooLarge,
} from "../core/ports.ts";

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

/** What every store of large objects must do besides. */
export function describeLargeObjectStore(
  name: string,
  open: () => Promise<ObjectStore & LargeObjectStore>,
): void {
  describe(`${name}, large objects`, () => {
    const whole = async (chunks: AsyncIterable<Uint8Array>) => {
      const parts: Uint8Array[] = [];
      for await (const chunk of chunks) parts.push(chunk.slice());
      return new Uint8Array(Buffer.concat(parts));
    };

    it("tells what a key holds", async () => {
      const store = await open();
      expect(await store.head("nothing")).toBeUndefined();
      const { etag } = await store.put("k", bytes("12345"));
      expect(await store.head("k")).toMatchObject({ key: "k", size: 5, etag });
      expect(Math.abs((await store.head("k"))?.lastModified.getTime() ?? 0)).toBeGreaterThan(0);
    });

    it("writes in pieces of any size, and shows nothing before the end", { timeout: 60_000 }, async () => {
      const store = await open();
      const content = Uint8Array.from(
        { length: 40_000_003 },
        (_, index) => (index * 7 + (index >> 12)) & 255,
      );
      for (const [size, piece] of [
        [0, 1],
        [5, 2],
        [16 << 20, 1 << 20],
        [content.length, 9_000_000],
      ] as const) {
        const writer = store.create("large");
        for (let start = 0; start < size; start += piece)
          await writer.write(content.subarray(start, Math.min(start + piece, size)));
        if (size === 5) expect((await store.head("large"))?.size).toBe(0);
        await writer.finish();
        const object = await store.head("large");
        expect(object?.size).toBe(size);
        const read = await whole(
          store.read({ key: "large", etag: object?.etag ?? "" }, { start: 0, end: size }),
        );
        expect(Buffer.compare(read, content.subarray(0, size))).toBe(0);
      }
      const some = await whole(store.read({ key: "large" }, { start: 8_000_000, end: 20_000_001 }));
      expect(Buffer.compare(some, content.subarray(8_000_000, 20_000_001))).toBe(0);
    });

    it("drops what is abandoned", async () => {
      const store = await open();
      const writer = store.create("k");
      await writer.write(new Uint8Array(17 << 20));
      await writer.abandon();
      expect(await store.head("k")).toBeUndefined();
    });

    it("never mixes an object with the one that took its place", async () => {
      const store = await open();
      const { etag } = await store.put("k", bytes("12345"));
      await store.put("k", bytes("abcde"));
      const range = { start: 0, end: 5 };
      await expect(whole(store.read({ key: "k", etag }, range))).rejects.toBeInstanceOf(ObjectChanged);
      expect(text(await whole(store.read({ key: "k" }, range)))).toBe("abcde");
      await store.delete("k");
      await store.delete("k");
      await expect(whole(store.read({ key: "k" }, range))).rejects.toBeInstanceOf(ObjectChanged);
      expect(await store.head("k")).toBeUndefined();
    });
  });
}
