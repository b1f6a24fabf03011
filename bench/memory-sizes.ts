/**
 * The scoring function under the share of a core that Lambda gives at a memory size: `sudo node bench/memory-sizes.ts [ROUNDS]`. The share is a quota
 * of this machine's scheduler (cgroup version 1 or 2, which takes root); Lambda's cores are others, so ratios between sizes are worth more than
 * figures. In an account, scripts/power-tuning.mjs measures the real thing.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { seedModels } from "../local/server/seed.ts";
import { DirectoryObjectStore } from "../local/store/directory-object-store.ts";

const CORE_IN_MEGABYTES = 1_769;
const PERIOD_IN_MICROSECONDS = 100_000;
const sizes = [512, 1_024, 1_769, 3_008];
const rounds = Number(process.argv[2] ?? 5);

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "leadgauge-sizes-"));
const group = existsSync("/sys/fs/cgroup/cpu") ? "/sys/fs/cgroup/cpu/leadgauge" : "/sys/fs/cgroup/leadgauge";
try {
  const program = join(folder, "function-start.mjs");
  await build({
    entryPoints: [join(root, "bench", "function-start.ts")],
    outfile: program,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node24",
    mainFields: ["module", "main"],
    logLevel: "error",
  });
  await seedModels(
    new DirectoryObjectStore(join(folder, "store")),
    new DirectoryObjectStore(join(root, "models")),
  );
  mkdirSync(group);
  process.stdout.write("memory MB | start ms | first score ms | p50 ms | p99 ms | peak MB\n");
  for (const size of sizes) {
    limitTo(Math.round((size / CORE_IN_MEGABYTES) * PERIOD_IN_MICROSECONDS));
    const runs = Array.from({ length: rounds }, () => run(program));
    const median = (name: string) =>
      runs.map((each) => each[name] as number).sort((a, b) => a - b)[rounds >> 1];
    const figures = ["startInMs", "firstScoreInMs", "p50InMs", "p99InMs", "peakInMegabytes"].map(median);
    process.stdout.write(`${[size, ...figures.map((figure) => figure?.toPrecision(3))].join(" | ")}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
  if (existsSync(group)) rmdirSync(group);
}

function limitTo(microseconds: number): void {
  if (existsSync(join(group, "cpu.max"))) {
    writeFileSync(join(group, "cpu.max"), `${microseconds} ${PERIOD_IN_MICROSECONDS}`);
  } else {
    writeFileSync(join(group, "cpu.cfs_quota_us"), String(microseconds));
  }
}

function run(program: string): Record<string, number> {
  const words = [
    'echo $$ > "$0/cgroup.procs" && exec "$@"',
    group,
    process.execPath,
    program,
    join(folder, "store"),
  ];
  return JSON.parse(execFileSync("sh", ["-c", ...words], { encoding: "utf8" }));
}
