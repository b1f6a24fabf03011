import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { ensureBundle } from "../scripts/build.mjs";
import { ensurePython, projectRoot } from "../scripts/install.mjs";
import { run } from "./processes.ts";

/** What the scenarios measure with: made once, kept in dist/bench, made again when absent. */
export interface Bench {
  readonly python: string;
  /** What `npm start` runs; its bundle is built. */
  readonly serverProgram: string;
  readonly cliBundle: string;
  readonly firstScoreBundle: string;
  /** The folder of the production version of the shipped model. */
  readonly shippedPackage: string;
  /** Where the Python peers' pipeline lies. */
  readonly peerFolder: string;
  readonly store: string;
  /** Leads as the peers' callers send them. */
  readonly leads: readonly Readonly<Record<string, unknown>>[];
  /** The same leads as bodies for Leadgauge, in a file as the load generator reads it. */
  readonly bodiesFile: string;
  /** One body with all of them. */
  readonly batchFile: string;
  readonly peerBodiesFile: string;
  /** Generated leads of so many rows, as CSV. */
  readonly csv: (rows: number) => Promise<string>;
}

export const model = "x-education";
const trainingRows = 20_000;

export async function prepare(): Promise<Bench> {
  const folder = join(projectRoot, "dist", "bench");
  const peerFolder = join(folder, "peers");
  mkdirSync(peerFolder, { recursive: true });
  const python = ensurePython({ dev: true });

  const csv = async (rows: number) => {
    const file = join(folder, `${model}-${rows}.csv`);
    if (!existsSync(file)) {
      const options = ["--spec", model, "--rows", String(rows), "--seed", "1", "--out", file];
      await run([python, "-m", "leadgauge", "generate", ...options], {
        PYTHONPATH: join(projectRoot, "glue-scripts"),
      });
    }
    return file;
  };
  if (!existsSync(join(peerFolder, "leads.json"))) {
    await run([python, join("bench", "peers", "pipeline.py"), await csv(trainingRows), peerFolder]);
  }
  const peerBodiesFile = join(peerFolder, "leads.json");
  const leads: Record<string, unknown>[] = JSON.parse(readFileSync(peerBodiesFile, "utf8"));
  const bodiesFile = join(folder, "bodies.json");
  const bodies = leads.map((fields, index) => ({ leadId: `lead-${index}`, fields }));
  writeFileSync(bodiesFile, JSON.stringify(bodies));
  const batchFile = join(folder, "batch.json");
  writeFileSync(batchFile, JSON.stringify([{ leads: bodies }]));

  const firstScoreBundle = join(folder, "first-score.mjs");
  await build({
    absWorkingDir: projectRoot,
    entryPoints: ["bench/first-score.ts"],
    outfile: firstScoreBundle,
    bundle: true,
    format: "esm",
    platform: "node",
    mainFields: ["module", "main"],
    minify: true,
  });

  await ensureBundle("server");
  return {
    python,
    serverProgram: join(projectRoot, "scripts", "start.mjs"),
    cliBundle: await ensureBundle("cli"),
    firstScoreBundle,
    shippedPackage: shippedPackage(),
    peerFolder,
    store: join(folder, "store"),
    leads,
    bodiesFile,
    batchFile,
    peerBodiesFile,
    csv,
  };
}

function shippedPackage(): string {
  const folder = join(projectRoot, "models", model);
  const { production } = JSON.parse(readFileSync(join(folder, "stages.json"), "utf8"));
  return join(folder, "versions", production);
}
