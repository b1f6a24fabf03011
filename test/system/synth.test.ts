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
import { buildSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const maximumZipBytes = 500_000;
const stages = ["dev", "staging", "prod"] as const;

describe("cdk synth", () => {
  let folder: string;
  let assembly: Map<string, Buffer>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "leadgauge-synth-"));
    assembly = synth(folder, "dev");
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(stages)("writes the same bytes twice: %s", (stage) => {
    const first = stage === "dev" ? assembly : synth(folder, stage);
    // The second time, the functions are bundled anew.
    if (stage === "dev") rmSync(join(root, "dist", "functions"), { recursive: true });
    const again = synth(folder, stage);
    expect([...again.keys()]).toEqual([...first.keys()]);
    const different = [...first]
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

  it("bundles functions as ESM with source maps, each at most 500 kB zipped", () => {
    const bundles = bundlesOf(assembly);
    expect(bundles.map(({ entry }) => entry)).toContain("lambdas/api/index.ts");
    for (const { files, code } of bundles) {
      expect(files.map(([path]) => path.split("/").at(-1))).toEqual(["index.mjs", "index.mjs.map"]);
      const zipBytes = files.reduce(
        (sum, [path, bytes]) => sum + deflateRawSync(bytes).length + 2 * path.length + 98,
        22,
      );
      expect(zipBytes).toBeLessThanOrEqual(maximumZipBytes);
      expect(code).toMatch(/export\s*\{[^}]*\bhandler\b/);
      expect(code).toMatch(/\/\/# sourceMappingURL=index\.mjs\.map\s*$/);
    }
  });

  it("bundles what functions need only: no CDK, no tests, nothing of the local programs", () => {
    const bundles = bundlesOf(assembly);
    const own = bundles.flatMap(({ sources }) => sources);
    expect(own.filter((path) => !/\/(core|lambdas|specs)\//.test(path) || path.endsWith(".test.ts"))).toEqual(
      [],
    );
    // Source maps tell nothing of packages.
    const { metafile } = buildSync({
      absWorkingDir: root,
      entryPoints: bundles.map(({ entry }) => entry),
      outdir: "unused",
      write: false,
      bundle: true,
      format: "esm",
      platform: "node",
      mainFields: ["module", "main"],
      metafile: true,
    });
    const unwanted = /^node_modules\/(aws-cdk|constructs|vitest|fast-check|@electric-sql|esbuild)/;
    expect(Object.keys(metafile.inputs).filter((path) => unwanted.test(path))).toEqual([]);
  });

  it("maps a stack trace of our own code to its file and line", async () => {
    const api = bundlesOf(assembly).find(({ entry }) => entry === "lambdas/api/index.ts");
    const bundle = pathToFileURL(join(folder, "dev", api?.files[0]?.[0] ?? "")).href;
    // Without LEADGAUGE_BUCKET it throws when it is loaded.
    const failing = promisify(execFile)(
      process.execPath,
      ["--enable-source-maps", "--input-type=module", "--eval", `await import(${JSON.stringify(bundle)})`],
      { env: {} },
    );
    const { stderr } = await failing.catch((error) => error);
    const line =
      readFileSync(join(root, "lambdas/environment.ts"), "utf8")
        .split("\n")
        .findIndex((text) => text.includes("throw new")) + 1;
    expect(stderr).toMatch(new RegExp(`lambdas/environment\\.ts:${line}:`));
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
            BUNDLE: pathToFileURL(join(folder, "dev", bundle)).href,
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
    expect(() => run(folder, join(folder, "nowhere"), "nowhere")).toThrow(
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
function synth(folder: string, stage: string): Map<string, Buffer> {
  const out = join(folder, stage);
  rmSync(out, { recursive: true, force: true });
  run(folder, out, stage);
  // CDK writes how long it took, when it took long.
  const paths = readdirSync(out, { recursive: true, encoding: "utf8" }).filter(
    (path) => path !== "performance-counters.json" && statSync(join(out, path)).isFile(),
  );
  return new Map(paths.sort().map((path) => [path, readFileSync(join(out, path))]));
}

/** Without credentials and without network: whatever tries to use either fails. */
function run(folder: string, out: string, stage: string): void {
  const environment = Object.entries(process.env).filter(([name]) => !/^(AWS|CDK)_/.test(name));
  const args = ["synth", "--quiet", "--output", out, "-c", `stage=${stage}`];
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
