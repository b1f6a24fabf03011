/**
 * Makes the packages in models/ anew: invented leads (docs/generated-data.md), then the same `train` that everybody uses.
 * `node scripts/generate-models.mjs [NAME ...]`; without names, all four. A version that is there already stays as it is.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensurePython, InstallError, projectRoot } from "./install.mjs";

/**
 * Rows are few enough for small packages, and enough for honest calibration.
 * @type {Record<string, number>}
 */
const rowsOf = { "x-education": 8000, codepro: 12_000, extraalearn: 5000, "real-estate": 6000 };
const seed = 0;

try {
  makeModels(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof InstallError)) throw error;
  process.stderr.write(`generate-models: ${error.message}\n`);
  process.exitCode = 1;
}

/** @param {string[]} asked names; none means all */
function makeModels(asked) {
  const unknown = asked.find((name) => !(name in rowsOf));
  if (unknown !== undefined) {
    throw new InstallError(`there is no "${unknown}"; there are ${Object.keys(rowsOf).join(", ")}`);
  }
  const python = ensurePython({ dev: false });
  mkdirSync(join(projectRoot, "models"), { recursive: true });
  // On the volume of models/, so that a finished package can be renamed into place.
  const work = mkdtempSync(join(projectRoot, "models", ".work-"));
  try {
    for (const [name, rows] of Object.entries(rowsOf)) {
      if (asked.length === 0 || asked.includes(name)) makeModel(python, work, name, rows);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * @param {string} python
 * @param {string} work
 * @param {string} name
 * @param {number} rows
 */
function makeModel(python, work, name, rows) {
  const data = join(work, `${name}.csv`);
  const out = join(work, name);
  const spec = join(projectRoot, "specs", `${name}.json`);
  run(python, work, "generate", { spec: name, rows, seed, out: data });
  run(python, work, "train", { spec, data, out, seed, threads: 1 }, ["--quick"]);
  const manifest = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8"));
  const folder = join(projectRoot, "models", name);
  const place = join(folder, "versions", manifest.version);
  if (existsSync(place)) {
    console.log(`${name}: ${manifest.version} is what ships already`);
    return;
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "versions"), { recursive: true });
  renameSync(out, place);
  const { version, createdAt: at } = manifest;
  const stages = {
    formatVersion: 1,
    production: version,
    staging: null,
    previous: null,
    versions: [{ version, number: 1, registeredAt: at }],
    history: [
      { at, action: "registered", version },
      { at, action: "promoted", version },
    ],
  };
  writeFileSync(join(folder, "stages.json"), `${JSON.stringify(stages, null, 2)}\n`);
  console.log(`${name}: ${version}`);
}

/**
 * @param {string} python
 * @param {string} work
 * @param {string} command
 * @param {Record<string, string | number>} options
 * @param {string[]} flags
 */
function run(python, work, command, options, flags = []) {
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const { status, error } = spawnSync(python, ["-m", "leadgauge", command, ...args, ...flags], {
    cwd: work,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, PYTHONPATH: join(projectRoot, "glue-scripts") },
  });
  if (error || status !== 0) throw new InstallError(`leadgauge ${command} failed (above is why)`);
}
