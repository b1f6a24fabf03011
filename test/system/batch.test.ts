import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BatchPorts, BatchSettings } from "../../core/batch/parts/batch-ports.ts";
import { RegistryModels } from "../../core/batch/parts/registry-models.ts";
import { defaultTolerance } from "../../core/batch/tolerance.ts";
import { ObjectFolder } from "../../lambdas/adapters/object-folder.ts";
import { ObjectSource } from "../../lambdas/adapters/object-source.ts";
import { S3LargeObjectStore } from "../../lambdas/adapters/s3-large-object-store.ts";
import { scoreFile } from "../../local/files/score-file.ts";
import { DirectoryObjectStore } from "../../local/store/directory-object-store.ts";
import { runBatch } from "../batch-run.ts";
import { canEmulate, startEmulator } from "../emulator/emulator.ts";
import { describeLargeObjectStore } from "../object-store-contract.ts";
import { startFailingProxy } from "./failing-proxy.ts";

const model = "x-education";
const settings: BatchSettings = {
  wholeBytes: 0,
  partBytes: 40_000,
  partLines: 1_000_000,
  maximumBytes: 1 << 30,
  maximumLines: 1_000_000,
  options: { reasons: 3, top: 0, tolerance: defaultTolerance },
};

describe.skipIf(!canEmulate)(
  "batch scoring on an emulator of S3 (needs uv in .venv: npm test installs it)",
  () => {
    let emulator: Awaited<ReturnType<typeof startEmulator>>;
    let directory: string;
    const clients: S3Client[] = [];
    beforeAll(async () => {
      emulator = await startEmulator();
      directory = await mkdtemp(join(tmpdir(), "leadgauge-batch-"));
    });
    afterAll(async () => {
      for (const client of clients) client.destroy();
      await emulator.stop();
      await rm(directory, { recursive: true });
    });

    function clientOf(endpoint: string, maxAttempts = 8): S3Client {
      const client = new S3Client({
        endpoint,
        maxAttempts,
        region: "us-east-1",
        forcePathStyle: true,
        credentials: { accessKeyId: "test", secretAccessKey: "test" },
      });
      clients.push(client);
      return client;
    }

    async function open(endpoint = emulator.endpoint): Promise<S3LargeObjectStore> {
      const bucket = `leadgauge-${randomUUID()}`;
      await clientOf(emulator.endpoint).send(new CreateBucketCommand({ Bucket: bucket }));
      return new S3LargeObjectStore(clientOf(endpoint), bucket);
    }

    describeLargeObjectStore("S3LargeObjectStore", open);

    /** Scores a file locally, and through the store in parts. */
    async function scoreBoth(store: S3LargeObjectStore, name: string, content: Uint8Array) {
      await copyModel(store);
      const path = join(directory, name);
      const outDirectory = join(directory, `${name}-out`);
      await writeFile(path, content);
      const shipped = new DirectoryObjectStore("models");
      const stages = JSON.parse(new TextDecoder().decode((await shipped.get(`${model}/stages.json`))?.body));
      await scoreFile({
        path,
        outDirectory,
        model: { name: model, directory: async () => `models/${model}/versions/${stages.production}` },
        options: settings.options,
        threads: 0,
      });
      const key = `batch/in/${model}/${name}`;
      await store.put(key, content);
      const ports: BatchPorts = {
        store,
        openSource: (object) => new ObjectSource(store, object),
        openFolder: (prefix) => new ObjectFolder(store, prefix),
        models: new RegistryModels({ store, onChange: () => {} }),
        now: () => new Date(),
      };
      let parts = 0;
      const outcome = await runBatch({ key }, ports, settings, () => parts++);
      expect(outcome.outcome).toBe("finished");
      for (const file of await readdir(outDirectory)) {
        const local = await readFile(join(outDirectory, file));
        const stored = (await store.get(`batch/out/${model}/${name}/${file}`))?.body ?? new Uint8Array(0);
        if (file === "manifest.json") expect(timeless(stored)).toEqual(timeless(local));
        else expect(Buffer.compare(local, stored), file).toBe(0);
      }
      return { parts };
    }

    async function copyModel(store: S3LargeObjectStore): Promise<void> {
      const shipped = new DirectoryObjectStore("models");
      for await (const { key } of shipped.list(`${model}/`)) {
        const object = await shipped.get(key);
        if (object) await store.put(`model-artifacts/${key}`, object.body);
      }
    }

    it("gives the bytes that the command line gives, from S3 and into S3", async () => {
      const store = await open();
      expect((await scoreBoth(store, "leads.csv", leads(4_000))).parts).toBeGreaterThan(3);
      expect((await scoreBoth(store, "leads.csv.gz", gzipSync(leads(4_000)))).parts).toBeGreaterThan(3);
    });

    it("is not disturbed by a service that is busy and a network that breaks off", async () => {
      let requests = 0;
      const proxy = await startFailingProxy(emulator.endpoint, ({ method }) => {
        requests++;
        if (requests % 5 === 0) return "throttle";
        return method === "GET" && requests % 7 === 0 ? "cut" : undefined;
      });
      try {
        await scoreBoth(await open(proxy.endpoint), "busy.csv", leads(4_000));
        expect(proxy.failures.throttled).toBeGreaterThan(5);
        expect(proxy.failures.cut).toBeGreaterThan(1);
      } finally {
        await proxy.stop();
      }
    });
  },
);

function leads(count: number): Uint8Array {
  const header = "Lead Number,Lead Origin,Lead Source,TotalVisits,Total Time Spent on Website,Note";
  const rows = Array.from({ length: count }, (_, row) =>
    [
      row,
      row % 3 ? "API" : "Landing Page Submission",
      row % 5 ? "Google" : "Direct Traffic",
      row % 97 === 0 ? "many" : row % 11,
      (row * 37) % 1_500,
      row % 4 ? "" : `"a ""note""\n of ${row}"`,
    ].join(","),
  );
  return new TextEncoder().encode(`${header}\n${rows.join("\r\n")}`);
}

function timeless(manifest: Uint8Array): unknown {
  const { startedAt, finishedAt, durationInSeconds, ...told } = JSON.parse(
    new TextDecoder().decode(manifest),
  );
  return told;
}
