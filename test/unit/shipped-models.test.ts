/** The packages that are shipped, proven whole: every golden row with its reasons, not only those checked at a load. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { validatePackage } from "../../core/package/load.ts";
import { packageDirectory } from "../../local/files/package-directory.ts";

const folder = fileURLToPath(new URL("../../models/", import.meta.url));
const versions = readdirSync(folder).flatMap((model) =>
  readdirSync(`${folder}${model}/versions`).map((version) => `${model}/versions/${version}`),
);

test("there is one version of each of the four models", () => {
  expect(versions.map((path) => path.split("/")[0])).toEqual([
    "codepro",
    "extraalearn",
    "real-estate",
    "x-education",
  ]);
});

test.each(versions)("%s holds", async (path) => {
  const report = await validatePackage(packageDirectory(folder + path));
  expect(report.golden.rows).toBe(500);
});
