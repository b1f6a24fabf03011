import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compileKernels, generatedFile, sourceOf } from "../../../scripts/build-kernels.mjs";
import { instantiate } from "./instantiate.ts";

test("module.ts is what the sources compile to", { timeout: 120_000 }, async () => {
  expect(readFileSync(generatedFile, "utf8")).toBe(sourceOf(await compileKernels()));
});

test("a memory that cannot be had is told", () => {
  expect(instantiate(2 ** 40)).toBeUndefined();
  expect(instantiate(1)?.memory.buffer.byteLength).toBe(0x10000);
});
