import { expect, test } from "vitest";
import { instantiate } from "./instantiate.ts";

test("a memory that cannot be had is told", () => {
  expect(instantiate(2 ** 40, "first")).toBeUndefined();
  expect(instantiate(1, "first")?.memory.buffer.byteLength).toBe(0x10000);
});
