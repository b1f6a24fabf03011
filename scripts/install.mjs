/**
 * Installs what a command needs and nothing more, once: Node packages by `npm ci`, Python packages into `.venv`.
 * Everything is told on stderr, so that a command's stdout stays its own.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** True from `scripts/` and, once bundled, from `dist/` alike: both are one level below the project. */
export const projectRoot = fileURLToPath(new URL("..", import.meta.url));

const oldestPython = [3, 11];
const venv = join(projectRoot, ".venv");
const isWindows = process.platform === "win32";
const pythonInVenv = isWindows ? join(venv, "Scripts", "python.exe") : join(venv, "bin", "python");

/** An error whose message is all that a person needs: show it without a stack. */
export class InstallError extends Error {
  /** @override */
  name = "InstallError";
}

/**
 * Makes sure that `node_modules` holds what package-lock.json says.
 * @param {{ dev: boolean }} scope whether what only building and testing need is wanted too
 */
export function ensureNodePackages({ dev }) {
  if (holdsLockedPackages({ dev })) return;
  // Who has installed what testing needs keeps it.
  const includesDev = dev || holdsDevelopmentPackages();
  say(
    includesDev ? "Installing all Node packages (npm ci)" : "Installing the runtime's Node packages (npm ci)",
  );
  const npm = process.env.npm_execpath?.endsWith("npm-cli.js")
    ? { command: process.execPath, first: [process.env.npm_execpath], shell: false }
    : { command: "npm", first: [], shell: isWindows };
  const args = [
    "ci",
    includesDev ? "--include=dev" : "--omit=dev",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
  ];
  const { status, error } = spawnSync(npm.command, [...npm.first, ...args], {
    cwd: projectRoot,
    stdio: ["ignore", 2, 2],
    shell: npm.shell,
  });
  if (error || status !== 0) {
    throw new InstallError(
      `npm ${args.join(" ")} failed (above is what npm said). The package registry must be reachable.`,
    );
  }
  if (!holdsLockedPackages({ dev })) {
    throw new InstallError(
      `npm ${args.join(" ")} ended well, but node_modules does not match package-lock.json.`,
    );
  }
}

const installedFile = join(projectRoot, "node_modules", ".package-lock.json");

function holdsDevelopmentPackages() {
  if (!existsSync(installedFile)) return false;
  const { packages } = JSON.parse(readFileSync(installedFile, "utf8"));
  return Object.values(packages).some(({ dev }) => dev === true);
}

/**
 * npm writes node_modules/.package-lock.json last; it is compared with what the project's lock file asks for.
 * @param {{ dev: boolean }} scope
 */
function holdsLockedPackages({ dev }) {
  if (!existsSync(installedFile)) return false;
  const wanted = JSON.parse(readFileSync(join(projectRoot, "package-lock.json"), "utf8")).packages;
  const installed = JSON.parse(readFileSync(installedFile, "utf8")).packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "" || (entry.dev && !dev)) continue;
    const present = installed[path];
    if (present === undefined ? !entry.optional && !entry.devOptional : present.version !== entry.version)
      return false;
  }
  return true;
}

/** The Node binary that tests run under: Lambda's version, carried by the npm package `node`. */
export function lambdaNode() {
  const path = join(projectRoot, "node_modules", ".bin", isWindows ? "node.cmd" : "node");
  if (!existsSync(path)) {
    throw new InstallError(
      "node_modules/.bin/node is absent: the npm package `node` installs it by its install script. Allow install scripts (npm config ignore-scripts=false), remove node_modules and try again.",
    );
  }
  return path;
}

/**
 * Makes sure that `.venv` holds the pinned Python packages, and returns its interpreter.
 * @param {{ dev: boolean }} scope `dev`: also what testing and the benchmark need
 * @returns {string} absolute path of the interpreter
 */
export function ensurePython({ dev }) {
  const requirements = join(projectRoot, "glue-scripts", dev ? "requirements-dev.txt" : "requirements.txt");
  const stamp = join(venv, `leadgauge-${dev ? "dev" : "runtime"}.sha256`);
  const wanted = createHash("sha256").update(readFileSync(requirements)).digest("hex");
  const isCurrent = existsSync(pythonInVenv) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted;
  if (isCurrent) return pythonInVenv;
  // The development set contains the runtime's: with it installed there is nothing to do.
  if (!dev && existsSync(pythonInVenv) && holdsDevelopmentSet()) return pythonInVenv;

  say(`Installing the Python packages of ${dev ? "development" : "training"} into .venv (once)`);
  if (!existsSync(pythonInVenv) || !isRecentPython(pythonInVenv)) {
    rmSync(venv, { recursive: true, force: true });
    createVenv(findPython());
  }
  const uv = join(venv, isWindows ? "Scripts/uv.exe" : "bin/uv");
  const pinnedUv = join(projectRoot, "glue-scripts", "requirements-uv.txt");
  if (!existsSync(uv)) {
    if (spawnSync(pythonInVenv, ["-m", "pip", "--version"], { stdio: "ignore" }).status !== 0)
      createVenv(findPython());
    run(pythonInVenv, [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--disable-pip-version-check",
      "--require-hashes",
      "-r",
      pinnedUv,
    ]);
  }
  run(uv, ["pip", "install", "--quiet", "--python", pythonInVenv, "--require-hashes", "-r", requirements], {
    ...settingsOfPip(),
    UV_LINK_MODE: "copy",
    ...process.env,
  });
  checkSystemLibrary();
  writeFileSync(stamp, wanted);
  return pythonInVenv;
}

/** LightGBM brings all that it needs but one library, which small images of Linux lack. */
function checkSystemLibrary() {
  const load = [
    "import ctypes, glob, importlib.util",
    "folder = importlib.util.find_spec('lightgbm').submodule_search_locations[0]",
    "[ctypes.CDLL(path) for path in glob.glob(folder + '/lib/lib_lightgbm.*')]",
  ].join("\n");
  const { status, stderr } = spawnSync(pythonInVenv, ["-c", load], { encoding: "utf8" });
  if (status === 0) return;
  throw new InstallError(
    "LightGBM cannot be loaded. It needs the library of OpenMP: install it (Debian: apt-get install libgomp1; macOS: brew install libomp) " +
      `and try again.\n${stderr.trim().split("\n").at(-1)}`,
  );
}

function holdsDevelopmentSet() {
  const stamp = join(venv, "leadgauge-dev.sha256");
  const requirements = readFileSync(join(projectRoot, "glue-scripts", "requirements-dev.txt"));
  return (
    existsSync(stamp) &&
    readFileSync(stamp, "utf8") === createHash("sha256").update(requirements).digest("hex")
  );
}

/** Where pip finds packages, in the words of uv, which does not read pip's settings. */
function settingsOfPip() {
  const asked = spawnSync(pythonInVenv, ["-m", "pip", "config", "get", "global.index-url"], {
    encoding: "utf8",
  });
  const index = process.env.PIP_INDEX_URL ?? (asked.status === 0 ? asked.stdout.trim() : "");
  const certificates = process.env.PIP_CERT;
  return { ...(index && { UV_DEFAULT_INDEX: index }), ...(certificates && { SSL_CERT_FILE: certificates }) };
}

function findPython() {
  const candidates = ["python3", "python3.13", "python3.12", "python3.11", "python3.14", "python"];
  const found = candidates.find(isRecentPython);
  if (found) return found;
  throw new InstallError(
    `Training needs Python ${oldestPython.join(".")} or newer, and none of ${candidates.join(", ")} is one. ` +
      "Install it (Debian: apt-get install python3 python3-venv) and try again. Scoring and serving need no Python.",
  );
}

/** @param {string} command */
function isRecentPython(command) {
  const probe = `import sys; sys.exit(sys.version_info < (${oldestPython.join(", ")}))`;
  return spawnSync(command, ["-c", probe], { stdio: "ignore" }).status === 0;
}

/** @param {string} python */
function createVenv(python) {
  const { status, stderr } = spawnSync(python, ["-m", "venv", venv], { encoding: "utf8" });
  if (status === 0) return;
  rmSync(venv, { recursive: true, force: true });
  throw new InstallError(
    `${python} -m venv .venv failed. On Debian and Ubuntu the package python3-venv is needed.\n${stderr.trim()}`,
  );
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
function run(command, args, env = process.env) {
  const { status, error } = spawnSync(command, args, { cwd: projectRoot, stdio: ["ignore", 2, 2], env });
  if (error || status !== 0) {
    throw new InstallError(
      `${command} ${args.join(" ")} failed${error ? `: ${error.message}` : " (above is what it said)"}.`,
    );
  }
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`leadgauge: ${text} ...\n`);
}
