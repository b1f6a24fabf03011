/** Files dropped into the deployed bucket, as an analyst drops them, and what an operator does when one fails. */
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { S3Client } from "@aws-sdk/client-s3";
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DropManifest } from "../../core/batch/manifest.ts";
import { defaultTolerance } from "../../core/batch/tolerance.ts";
import { S3LargeObjectStore } from "../../lambdas/adapters/s3-large-object-store.ts";
import { scoreFile } from "../../local/files/score-file.ts";
import { leadgauge } from "../system/cli.ts";
import type { Deployment } from "./deployment.ts";

const models = fileURLToPath(new URL("../../models", import.meta.url));
const model = "x-education";
const patienceInSeconds = 120;

/** @param deployed where the model is in production */
export function describeDrops(deployed: () => Deployment): void {
  describe("a file that is dropped into the bucket", () => {
    let store: S3LargeObjectStore;
    let bucket: string;
    let scratch: string;
    let states: SFNClient;
    beforeAll(async () => {
      bucket = deployed().output("BucketName");
      const credentials = { accessKeyId: "test", secretAccessKey: "test" };
      const { endpoint } = deployed();
      store = new S3LargeObjectStore(
        new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials }),
        bucket,
      );
      states = new SFNClient({ endpoint, region: "us-east-1", credentials });
      scratch = await mkdtemp(join(tmpdir(), "leadgauge-drops-"));
    });
    afterAll(() => rm(scratch, { recursive: true, force: true }));

    const out = (name: string, file: string) => `batch/out/${model}/${name}/${file}`;

    async function drop(name: string, content: Uint8Array): Promise<DropManifest> {
      await store.put(`batch/in/${model}/${name}`, content);
      return waitForManifest(name);
    }

    async function waitForManifest(name: string): Promise<DropManifest> {
      for (let second = 0; second < patienceInSeconds; second++) {
        const manifest = await manifestOf(name);
        if (manifest) return manifest;
        await sleep(1_000);
      }
      throw new Error(`${name} has no manifest after ${patienceInSeconds} seconds.`);
    }

    /** The execution that was started for a file and is under way. */
    async function executionOf(name: string): Promise<string> {
      const stateMachineArn = deployed().output("StateMachineArn");
      for (let attempt = 0; attempt < 10 * patienceInSeconds; attempt++) {
        const listed = await states.send(
          new ListExecutionsCommand({ stateMachineArn, statusFilter: "RUNNING" }),
        );
        for (const { executionArn } of listed.executions ?? []) {
          const { input } = await states.send(new DescribeExecutionCommand({ executionArn }));
          if (executionArn !== undefined && input?.includes(`/${name}"`)) return executionArn;
        }
        await sleep(100);
      }
      throw new Error(`No execution was started for ${name}.`);
    }

    async function manifestOf(name: string): Promise<DropManifest | undefined> {
      const stored = await store.get(out(name, "manifest.json"));
      return stored && JSON.parse(new TextDecoder().decode(stored.body));
    }

    /** What the command line makes of it, with the manifest's own numbers. */
    async function scoredHere(name: string, content: Uint8Array): Promise<DropManifest> {
      const { production } = JSON.parse(await readFile(join(models, model, "stages.json"), "utf8"));
      await writeFile(join(scratch, name), content);
      return scoreFile({
        path: join(scratch, name),
        outDirectory: join(scratch, `${name}-out`),
        model: { name: model, directory: async () => join(models, model, "versions", production) },
        options: { reasons: 3, top: 0, tolerance: defaultTolerance },
        threads: 0,
      });
    }

    async function partsOf(): Promise<readonly { key: string; etag: string }[]> {
      const parts: { key: string; etag: string }[] = [];
      for await (const object of store.list("batch/working/")) {
        if (object.key.includes("/results/")) parts.push(object);
      }
      return parts;
    }

    const redrive = (name: string, ...more: string[]) =>
      leadgauge(
        scratch,
        ["batch", "redrive", `batch/in/${model}/${name}`, "--store", `s3://${bucket}`, ...more],
        scratch,
        deployed().environment,
      );

    it("gives what the command line gives: a small one by one function, a large one in parts", async () => {
      for (const [name, rows] of [
        ["small.csv", 50],
        ["large.csv", 5_400],
      ] as const) {
        const content = leads(rows);
        const manifest = await drop(name, content);
        expect(timeless(manifest)).toEqual(timeless(await scoredHere(name, content)));
        const scored = await store.get(out(name, name.replace(".csv", ".scored.csv")));
        expect(scored?.body.length).toBe(manifest.files[0]?.bytes);
      }
      expect((await partsOf()).length).toBeGreaterThanOrEqual(5);
    });

    it("with a poison part is told to have failed, and a redrive scores that part only", async () => {
      const clean = await manifestOf("large.csv");
      const before = await partsOf();
      const third = before[2]?.key ?? "";
      await store.put(third, new TextEncoder().encode("not the result of a part"));
      await store.delete(out("large.csv", "manifest.json"));
      const poisoned = await redrive("large.csv");
      expect(poisoned.code, poisoned.stdout + poisoned.stderr).toBe(1);
      expect(poisoned.stderr).toContain("leadgauge batch redrive");
      expect(await manifestOf("large.csv")).toMatchObject({ error: { code: "internal_error" } });
      expect(await store.head(out("large.csv", "large.scored.csv"))).toBeUndefined();

      await store.delete(third);
      const mended = await redrive("large.csv");
      expect(mended.code, mended.stdout + mended.stderr).toBe(0);
      expect(timeless((await manifestOf("large.csv")) as DropManifest)).toEqual(
        timeless(clean as DropManifest),
      );
      const others = (parts: typeof before) => parts.filter(({ key }) => key !== third);
      expect(others(await partsOf())).toEqual(others(before));
      expect((await redrive("large.csv")).stdout).toContain("It has its results already.");
    });

    it("is scored all the same where S3 refuses a part of what is written, and no upload is left open", async () => {
      const big = leads(16_000);
      const tiny = new TextEncoder().encode(`TotalVisits\n${"3\n".repeat(60_000)}`);
      const files = { "refused.csv": big, "refused.csv.gz": gzipSync(big), "refused-tiny.csv": tiny };
      // One in each place that is written in parts: results by both functions that write them, and a file that is expanded.
      for (const place of [out("refused.csv", ""), out("refused-tiny.csv", ""), "batch/working/"]) {
        deployed().refuseNext(
          ({ resource }, url) => resource.includes(place) && url.searchParams.has("partNumber"),
        );
      }
      await Promise.all(
        Object.entries(files).map(async ([name, content]) => {
          const manifest = await drop(name, content);
          expect(timeless(manifest)).toEqual(timeless(await scoredHere(name, content)));
        }),
      );
      const aborted = deployed().calls.filter(({ action }) => action === "s3:AbortMultipartUpload");
      expect(aborted.map(({ caller }) => caller).sort()).toEqual([
        "leadgauge-dev-batch-finalise",
        "leadgauge-dev-batch-plan",
        "leadgauge-dev-batch-plan",
      ]);
    });

    it("that takes the place of another one has results of its own", async () => {
      const first = await manifestOf("small.csv");
      const content = leads(60);
      await store.put(`batch/in/${model}/small.csv`, content);
      for (let second = 0; second < patienceInSeconds; second++) {
        const manifest = await manifestOf("small.csv");
        if (manifest && manifest.input.sha256 !== first?.input.sha256) break;
        await sleep(1_000);
      }
      expect(timeless((await manifestOf("small.csv")) as DropManifest)).toEqual(
        timeless(await scoredHere("small.csv", content)),
      );
    });

    it("has the results of what is there, though events come twice and late", async () => {
      const key = `batch/in/${model}/events.csv`;
      const { etag: early } = await store.put(key, leads(40));
      await waitForManifest("events.csv");
      const { etag: late } = await store.put(key, leads(41));
      const lateManifest = async () => {
        const manifest = await manifestOf("events.csv");
        return manifest?.rows.in === 41 ? manifest : undefined;
      };
      for (let second = 0; second < patienceInSeconds && !(await lateManifest()); second++)
        await sleep(1_000);
      const before = await lateManifest();
      for (const etag of [late, early, late]) {
        const { executionArn } = await states.send(
          new StartExecutionCommand({
            stateMachineArn: deployed().output("StateMachineArn"),
            input: JSON.stringify({ detail: { object: { key, etag: etag.replaceAll('"', "") } } }),
          }),
        );
        let status: string | undefined = "RUNNING";
        while (status === "RUNNING") {
          await sleep(200);
          ({ status } = await states.send(new DescribeExecutionCommand({ executionArn })));
        }
        expect(status).toBe("SUCCEEDED");
      }
      expect(before).toBeDefined();
      expect(await lateManifest()).toEqual(before);
    });

    it("whose scoring is stopped is told to have failed, and a redrive scores it", async () => {
      const content = leads(5_300);
      await store.put(`batch/in/${model}/stopped.csv`, content);
      await states.send(new StopExecutionCommand({ executionArn: await executionOf("stopped.csv") }));
      const told = await waitForManifest("stopped.csv");
      expect(told).toMatchObject({ status: "failed", error: { code: "internal_error" } });

      const scored = await redrive("stopped.csv");
      expect(scored.code, scored.stdout + scored.stderr).toBe(0);
      expect(timeless(await waitForManifest("stopped.csv"))).toEqual(
        timeless(await scoredHere("stopped.csv", content)),
      );
    });

    it("that is no file of leads is told so", async () => {
      const manifest = await drop("other.csv", new TextEncoder().encode("a,b\n1,2\n"));
      expect(manifest).toMatchObject({ status: "failed", error: { code: "no_known_columns" } });
      const again = await redrive("other.csv");
      expect([again.code, again.stderr]).toEqual([2, expect.stringContaining("Is it the right model")]);
    });
  });
}

/** Rows of about a kilobyte that do not compress away, some with line breaks, some that can't be scored. */
function leads(count: number): Uint8Array {
  const header = "Lead Number,Lead Origin,Lead Source,TotalVisits,Total Time Spent on Website,Note";
  const rows = Array.from({ length: count }, (_, row) =>
    [
      row,
      row % 3 ? "API" : "Landing Page Submission",
      row % 5 ? "Google" : "Direct Traffic",
      row % 97 === 1 ? "many" : row % 11,
      (row * 37) % 1_500,
      `"a ""note""\n of ${row} ${createHash("sha512").update(String(row)).digest("hex").repeat(8)}"`,
    ].join(","),
  );
  return new TextEncoder().encode(`${header}\n${rows.join("\r\n")}`);
}

function timeless({ startedAt, finishedAt, durationInSeconds, ...told }: DropManifest): unknown {
  return told;
}
