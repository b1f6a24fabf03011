import { execFile, execFileSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { deflateRawSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const maximumZipBytes = 1_000_000;

describe("cdk synth", () => {
  let folder: string;
  let assembly: Map<string, Buffer>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "leadgauge-synth-"));
    assembly = synth(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("writes the same bytes twice", () => {
    const again = synth(folder);
    expect([...again.keys()]).toEqual([...assembly.keys()]);
    const different = [...assembly]
      .filter(([path, bytes]) => !again.get(path)?.equals(bytes))
      .map(([path]) => path);
    expect(different).toEqual([]);
  });

  it("looks nothing up", () => {
    const manifests = [...assembly].filter(([path]) => path.endsWith("manifest.json"));
    expect(manifests.length).toBeGreaterThan(0);
    for (const [, bytes] of manifests) expect(JSON.parse(bytes.toString()).missing ?? []).toEqual([]);
  });

  it("finds nothing to report in its own validation", () => {
    const report = JSON.parse(assembly.get("validation-report.json")?.toString() ?? "{}");
    expect(report.pluginReports).toEqual([]);
  });

  it("bundles functions as ESM with source maps, each under 1 MB zipped", () => {
    const bundles = bundlesOf(assembly);
    expect(bundles.map(({ entry }) => entry)).toContain("lambdas/api/index.ts");
    for (const { files, code } of bundles) {
      expect(files.map(([path]) => path.split("/").at(-1))).toEqual(["index.mjs", "index.mjs.map"]);
      const zipBytes = files.reduce(
        (sum, [path, bytes]) => sum + deflateRawSync(bytes).length + 2 * path.length + 98,
        22,
      );
      expect(zipBytes).toBeLessThan(maximumZipBytes);
      expect(code).toMatch(/export\s*\{[^}]*\bhandler\b/);
      expect(code).toMatch(/\/\/# sourceMappingURL=index\.mjs\.map\s*$/);
    }
  });

  it("bundles what functions need only: no CDK, no tests, nothing of the local programs", () => {
    for (const { sources } of bundlesOf(assembly)) {
      const installed = sources.filter((path) => path.includes("/node_modules/"));
      const own = sources.filter((path) => !path.includes("/node_modules/"));
      expect(own.filter((path) => !/\/(core|lambdas)\//.test(path) || path.endsWith(".test.ts"))).toEqual([]);
      const unwanted = /\/node_modules\/(aws-cdk|constructs|vitest|fast-check|@electric-sql|esbuild)/;
      expect(installed.filter((path) => unwanted.test(path))).toEqual([]);
    }
  });

  it("bundles a function that loads and answers under Lambda's Node", async () => {
    const api = bundlesOf(assembly).find(({ entry }) => entry === "lambdas/api/index.ts");
    const bundle = api?.files[0]?.[0] ?? "";
    const bucket = createServer((_request, response) => {
      response.setHeader("content-type", "application/xml");
      response.end(
        "<ListBucketResult><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>",
      );
    }).listen(0, "127.0.0.1");
    await once(bucket, "listening");
    const { port } = bucket.address() as AddressInfo;
    try {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ["--input-type=module", "--eval", invokeHealth],
        {
          env: {
            BUNDLE: pathToFileURL(join(folder, "out", bundle)).href,
            LEADGAUGE_BUCKET: "bucket",
            AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
            AWS_REGION: "eu-central-1",
            AWS_ACCESS_KEY_ID: "test",
            AWS_SECRET_ACCESS_KEY: "test",
          },
        },
      );
      // The bucket is empty: the service lives, and says that it has nothing to serve.
      const { statusCode, body } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
      expect(statusCode).toBe(503);
      expect(JSON.parse(body)).toMatchObject({ models: [] });
    } finally {
      bucket.close();
    }
  });

  it("refuses an unknown stage by name", () => {
    expect(() => run(folder, ["-c", "stage=nowhere"])).toThrow(
      /There is no stage "nowhere". Stages: dev, staging, prod/,
    );
  });
});

const invokeHealth = `
  const { handler } = await import(process.env.BUNDLE);
  const requestContext = { requestId: "r1", stage: "dev", path: "/dev/v1/health", httpMethod: "GET" };
  const answer = await handler({ path: "/v1/health", httpMethod: "GET", headers: {}, requestContext, body: null });
  console.log(JSON.stringify(answer));
`;

interface Bundle {
  /** From the project's root. */
  readonly entry: string;
  readonly files: readonly (readonly [path: string, bytes: Buffer])[];
  readonly code: string;
  readonly sources: readonly string[];
}

/** What each function is deployed with. */
function bundlesOf(assembly: ReadonlyMap<string, Buffer>): Bundle[] {
  const folders = new Set(
    [...assembly.keys()].filter((path) => path.endsWith("index.mjs")).map((path) => path.split("/")[0]),
  );
  return [...folders].map((folder) => {
    const files = [...assembly].filter(([path]) => path.startsWith(`${folder}/`));
    const [code, map] = files.map(([, bytes]) => bytes.toString());
    const sources: string[] = JSON.parse(map ?? "{}").sources;
    const entry = sources.find((path) => /\/lambdas\/[^/]+\/index\.ts$/.test(path)) ?? "";
    return { entry: entry.slice(entry.indexOf("lambdas/")), files, code: code ?? "", sources };
  });
}

/** The whole assembly by path. */
function synth(folder: string): Map<string, Buffer> {
  const out = join(folder, "out");
  rmSync(out, { recursive: true, force: true });
  run(folder, []);
  // CDK writes how long it took, when it took long.
  const paths = readdirSync(out, { recursive: true, encoding: "utf8" }).filter(
    (path) => path !== "performance-counters.json" && statSync(join(out, path)).isFile(),
  );
  return new Map(paths.sort().map((path) => [path, readFileSync(join(out, path))]));
}

/** Without credentials and without network: whatever tries to use either fails. */
function run(folder: string, options: string[]): void {
  const environment = Object.entries(process.env).filter(([name]) => !/^(AWS|CDK)_/.test(name));
  const args = ["synth", "--quiet", "--output", join(folder, "out"), ...options];
  execFileSync(join(root, "node_modules/.bin/cdk"), args, {
    cwd: root,
    encoding: "utf8",
    stdio: "pipe",
    env: {
      ...Object.fromEntries(environment),
      HOME: join(folder, "home"),
      AWS_EC2_METADATA_DISABLED: "true",
      HTTPS_PROXY: "http://127.0.0.1:9",
      HTTP_PROXY: "http://127.0.0.1:9",
    },
  });
}
