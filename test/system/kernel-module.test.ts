/** The kernels that are served are what their sources compile to. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compileKernels, generatedFile, sourceOf } from "../../scripts/build-kernels.mjs";

test("module.ts is what the sources compile to", async () => {
  expect(readFileSync(generatedFile, "utf8")).toBe(sourceOf(await compileKernels()));
});
