/**
 * `npm test`: installs everything, runs every check under Lambda's Node version, and ends with one line of counts.
 * `npm test -- unit python` runs the named steps only; `npm run test:unit` is the quick one of them.
 */
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { ensureNodePackages, ensurePython, InstallError, lambdaNode, projectRoot } from "./install.mjs";

const stepTimeoutInMinutes = 20;

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/**
 * `alone`: it uses all cores by itself, or measures times. The others run side by side, one a core.
 * @typedef {{ name: string, command: string, args: string[], alone?: boolean, read?: (report: string) => Counts, env?: NodeJS.ProcessEnv }} Step
 */

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
    const all = allSteps(lambdaNode(), needsPython ? ensurePython({ dev: true }) : "python", reports);
    const unknown = chosen.find((name) => !all.some((step) => step.name === name));
    if (unknown !== undefined) {
      throw new InstallError(
        `there is no step "${unknown}"; the steps are ${all.map((step) => step.name).join(", ")}.`,
      );
    }
    const steps = all.filter(({ name }) => chosen.length === 0 || chosen.includes(name));
    await runSteps(steps, async (step, isAlone) => {
      const counts = await runStep(step, isAlone, reports);
      total.passed += counts.passed;
      total.failed += counts.failed;
      total.skipped += counts.skipped;
    });
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
    vitest("deploy"),
    vitest("infrastructure"),
    vitest("unit", { alone: true }),
    vitest("system", { alone: true }),
    vitest("timing", { alone: true }),
  ];

  /**
   * @param {"unit" | "infrastructure" | "system" | "timing" | "deploy"} project
   * @param {{ alone?: boolean }} [options]
   * @returns {Step}
   */
  function vitest(project, { alone = false } = {}) {
    const reporters = [
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${join(reports, project)}`,
    ];
    return {
      name: project,
      command: node,
      args: ["node_modules/vitest/vitest.mjs", "run", "--project", project, ...reporters],
      alone,
      read: readVitest,
    };
  }
}

/**
 * @param {Step[]} steps begun in this order
 * @param {(step: Step, isAlone: boolean) => Promise<void>} run
 */
async function runSteps(steps, run) {
  /** @type {Set<Promise<void>>} */
  const running = new Set();
  for (const step of steps) {
    const isAlone = step.alone || steps.length === 1 || availableParallelism() === 1;
    while (running.size > (isAlone ? 0 : availableParallelism() - 1)) await Promise.race(running);
    const ended = run(step, isAlone).finally(() => running.delete(ended));
    running.add(ended);
    if (isAlone) await ended;
  }
  await Promise.all(running);
}

/**
 * Runs a step. Its output is shown as it comes if it runs alone, else in one piece when it ends. A step that dies without
 * a report, or that exits with an error although its report tells none, counts as one failure more.
 * @param {Step} step
 * @param {boolean} isAlone
 * @param {string} reports
 * @returns {Promise<Counts>}
 */
async function runStep(step, isAlone, reports) {
  const startedAt = performance.now();
  const heading = `\n--- ${step.name}\n`;
  let succeeded = false;
  if (isAlone) {
    process.stdout.write(heading);
    succeeded = await execute(step, "inherit");
  } else {
    process.stdout.write(`(${step.name} has begun)\n`);
    // A file, not a pipe: a process that the step leaves behind would keep a pipe open.
    const file = join(reports, `${step.name}.output`);
    const output = openSync(file, "w");
    succeeded = await execute(step, output);
    closeSync(output);
    process.stdout.write(`${heading}${readFileSync(file, "utf8")}`);
  }
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

/**
 * @param {Step} step
 * @param {"inherit" | number} output where it prints
 * @returns {Promise<boolean>} whether it ended well
 */
function execute({ name, command, args, env }, output) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: projectRoot,
      stdio: ["ignore", output, output],
      env: {
        // Threads that wait for each other waste the cores that they share with what runs beside them.
        OMP_NUM_THREADS: "1",
        ...process.env,
        ...env,
        // Whatever a test starts as `node` or `python` is the tested one too.
        PATH: [join(projectRoot, "node_modules", ".bin"), dirname(command), process.env.PATH].join(delimiter),
        LEADGAUGE_MACHINE_NODE: process.execPath,
        // Images of containers forbid Python to keep what it compiles: a hundred processes would compile the libraries, each for seconds.
        PYTHONDONTWRITEBYTECODE: "",
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
