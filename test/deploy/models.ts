/** A new version of a model in a deployed registry: registered, seen to answer, taken back; all from the command line. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seal } from "../sealed-package.ts";
import { leadgauge } from "../system/cli.ts";
import type { Deployment } from "./deployment.ts";

const models = fileURLToPath(new URL("../../models", import.meta.url));
const model = "extraalearn";
const textFiles = /\.(json|jsonl|md)$/;
/** A warm function looks for a new version every 30 seconds, with a request. */
const patienceInSeconds = 60;

/** @param deployed where the model is in production */
export function describeModels(deployed: () => Deployment): void {
  describe("a new version", () => {
    let scratch: string;
    let first: string;
    let second: string;
    beforeAll(async () => {
      scratch = await mkdtemp(join(tmpdir(), "leadgauge-models-"));
      first = JSON.parse(await readFile(join(models, model, "stages.json"), "utf8")).production;
      const from = join(models, model, "versions", first);
      second = await writeOtherVersion(from, join(scratch, "package"), "Call at once");
    });
    afterAll(() => rm(scratch, { recursive: true, force: true }));

    const run = (...words: string[]) =>
      leadgauge(
        scratch,
        [...words, "--store", `s3://${deployed().output("BucketName")}`],
        scratch,
        deployed().environmentAs("model-publisher"),
      );

    it("answers within a minute of its registration, and the one before after a rollback", async () => {
      expect(await answers(deployed(), model, first)).toBe(true);
      const key = deployed().output("SigningKey");
      const registered = await run(
        ...["register", "--model", join(scratch, "package"), "--signing-key", key, "--stage", "production"],
      );
      expect(registered.code, registered.stderr).toBe(0);
      expect(await answers(deployed(), model, second)).toBe(true);

      const listed = await run("models");
      expect(listed.stdout).toContain(second.slice(0, 8));
      const rolledBack = await run("rollback", model);
      expect(rolledBack.code, rolledBack.stderr).toBe(0);
      expect(await answers(deployed(), model, first)).toBe(true);
    });

    it("that is there already is not written again", async () => {
      const registered = await run(
        ...["register", "--model", join(scratch, "package"), "--unsigned", "--stage", "production"],
      );
      // Its signature stays too, so that it may serve.
      expect(registered.code, registered.stderr).toBe(0);
      expect((await run("rollback", model)).code).toBe(0);
    });
  });
}

/** Whether a score is answered by this version, now or within a minute. */
export async function answers(deployment: Deployment, model: string, version: string): Promise<boolean> {
  for (let second = 0; second < patienceInSeconds; second++) {
    const { body } = await deployment.call("POST", `/v1/models/${model}/score`, { fields: {} });
    if (body.model?.version === version) return true;
    await sleep(1_000);
  }
  return false;
}

/** The same model with another text for an action: what it serves differs, so its version does. */
export async function writeOtherVersion(from: string, to: string, action: string): Promise<string> {
  await cp(from, to, { recursive: true });
  const names = (await readdir(to)).filter((name) => textFiles.test(name) && name !== "manifest.json");
  const texts: Record<string, string> = {};
  for (const name of names) texts[name] = await readFile(join(to, name), "utf8");
  const manifest = JSON.parse(await readFile(join(to, "manifest.json"), "utf8"));
  const serving = JSON.parse(texts["serving.json"] as string);
  serving.tiers[0].action = action;
  texts["serving.json"] = JSON.stringify(serving);
  const sealed = seal(texts, manifest);
  for (const [name, text] of Object.entries(sealed)) await writeFile(join(to, name), text);
  return JSON.parse(sealed["manifest.json"] as string).version;
}
