/**
 * `npm test`: installs everything, runs every check under Lambda's Node version, and ends with one line of counts.
 * `npm test -- unit python` runs the named steps only; `npm run test:unit` is the quick one of them.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { ensureNodePackages, ensurePython, InstallError, lambdaNode, projectRoot } from "./install.mjs";

const stepTimeoutInMinutes = 20;

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {{ name: string, command: string, args: string[], read?: (report: string) => Counts, env?: NodeJS.ProcessEnv }} Step */

process.exitCode = await main(process.argv.slice(2));

/**
 * @param {string[]} chosen names of steps; none means all
 * @returns {Promise<number>} exit code
 */
async function main(chosen) {
  const needsPython = chosen.length === 0 || chosen.some((name) => name !== "unit");
  const reports = mkdtempSync(join(tmpdir(), "leadgauge-test-"));
  /** @type {Counts} */
  const total = { passed: 0, failed: 0, skipped: 0 };
  try {
    ensureNodePackages({ dev: true });
    const steps = allSteps(lambdaNode(), needsPython ? ensurePython({ dev: true }) : "python", reports);
    const unknown = chosen.find((name) => !steps.some((step) => step.name === name));
    if (unknown !== undefined) {
      throw new InstallError(
        `there is no step "${unknown}"; the steps are ${steps.map((step) => step.name).join(", ")}.`,
      );
    }
    for (const step of steps.filter(({ name }) => chosen.length === 0 || chosen.includes(name))) {
      const counts = await runStep(step, reports);
      total.passed += counts.passed;
      total.failed += counts.failed;
      total.skipped += counts.skipped;
    }
  } catch (error) {
    if (!(error instanceof InstallError)) throw error;
    process.stderr.write(`leadgauge: ${error.message}\n`);
    total.failed += 1;
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed${skipped}\n`);
  return total.failed > 0 ? 1 : 0;
}

/**
 * @param {string} node
 * @param {string} python
 * @param {string} reports folder for the machine-readable results
 * @returns {Step[]}
 */
function allSteps(node, python, reports) {
  const pythonConfig = join("glue-scripts", "pyproject.toml");
  const ruff = (/** @type {string[]} */ ...args) => [
    "-m",
    "ruff",
    ...args,
    "--config",
    pythonConfig,
    "glue-scripts",
    "bench",
  ];
  return [
    {
      name: "biome",
      command: node,
      args: ["node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings", "."],
    },
    { name: "types", command: node, args: ["node_modules/typescript/bin/tsc"] },
    { name: "ruff", command: python, args: ruff("check") },
    { name: "ruff-format", command: python, args: ruff("format", "--check") },
    {
      name: "mypy",
      command: python,
      args: [
        "-m",
        "mypy",
        "--config-file",
        pythonConfig,
        "glue-scripts/leadgauge",
        "glue-scripts/tests",
        "bench",
      ],
    },
    vitest("unit"),
    {
      name: "python",
      command: python,
      args: [
        "-m",
        "pytest",
        "-c",
        "glue-scripts/pyproject.toml",
        "--rootdir",
        "glue-scripts",
        "glue-scripts/tests",
      ].concat(["-q", "-rs", "-p", "no:cacheprovider", `--junitxml=${join(reports, "python")}`]),
      read: readJunit,
      env: { PYTHONPATH: join(projectRoot, "glue-scripts") },
    },
    vitest("infrastructure"),
    vitest("system"),
    vitest("deploy"),
  ];

  /** @param {"unit" | "infrastructure" | "system" | "deploy"} project @returns {Step} */
  function vitest(project) {
    const reporters = [
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${join(reports, project)}`,
    ];
    return {
      name: project,
      command: node,
      args: ["node_modules/vitest/vitest.mjs", "run", "--project", project, ...reporters],
      read: readVitest,
    };
  }
}

/**
 * Runs a step with its output shown as it comes. A step that dies without a report, or that exits with an error although
 * its report tells none, counts as one failure more.
 * @param {Step} step
 * @param {string} reports
 * @returns {Promise<Counts>}
 */
async function runStep(step, reports) {
  process.stdout.write(`\n--- ${step.name}\n`);
  const startedAt = performance.now();
  const succeeded = await execute(step);
  process.stdout.write(`--- ${step.name}: ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
  if (!step.read) return { passed: Number(succeeded), failed: Number(!succeeded), skipped: 0 };
  /** @type {Counts} */
  let counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    counts = step.read(readFileSync(join(reports, step.name), "utf8"));
  } catch (error) {
    process.stderr.write(
      `leadgauge: ${step.name} left no readable report: ${/** @type {Error} */ (error).message}\n`,
    );
    return { ...counts, failed: 1 };
  }
  if (!succeeded && counts.failed === 0) counts.failed = 1;
  return counts;
}

/** @param {Step} step @returns {Promise<boolean>} whether it ended well */
function execute({ name, command, args, env }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: projectRoot,
      stdio: ["ignore", "inherit", "inherit"],
      env: {
        ...process.env,
        ...env,
        // Whatever a test starts as `node` or `python` is the tested one too.
        PATH: [join(projectRoot, "node_modules", ".bin"), dirname(command), process.env.PATH].join(delimiter),
        LEADGAUGE_MACHINE_NODE: process.execPath,
      },
    });
    const timer = setTimeout(() => {
      process.stderr.write(
        `leadgauge: ${name} took more than ${stepTimeoutInMinutes} minutes and is stopped\n`,
      );
      child.kill("SIGKILL");
    }, stepTimeoutInMinutes * 60_000);
    child.on("error", (error) => {
      process.stderr.write(`leadgauge: ${name} cannot be started: ${error.message}\n`);
      clearTimeout(timer);
      resolve(false);
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve(code === 0);
    });
  });
}

/** @param {string} report @returns {Counts} */
function readVitest(report) {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(report);
  // A file that cannot be loaded has no test to fail.
  const brokenFiles = testResults.filter(
    (/** @type {{ status: string, assertionResults: { status: string }[] }} */ file) =>
      file.status === "failed" && !file.assertionResults.some(({ status }) => status === "failed"),
  ).length;
  return {
    passed: numPassedTests,
    failed: numFailedTests + brokenFiles,
    skipped: numPendingTests + numTodoTests,
  };
}

/** @param {string} report @returns {Counts} */
function readJunit(report) {
  const suite = /<testsuite [^>]*>/.exec(report)?.[0];
  if (!suite) throw new Error("no <testsuite> in it");
  const [tests, failures, errors, skipped] = ["tests", "failures", "errors", "skipped"].map((name) =>
    Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1]),
  );
  const failed = /** @type {number} */ (failures) + /** @type {number} */ (errors);
  return {
    passed: /** @type {number} */ (tests) - failed - /** @type {number} */ (skipped),
    failed,
    skipped: /** @type {number} */ (skipped),
  };
}
