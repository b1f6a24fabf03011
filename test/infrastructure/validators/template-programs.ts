/** Validators that are programs of their own and read templates from files. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installPrograms } from "../../python-environment.ts";
import type { SynthesisedStack } from "../synthesise.ts";
import type { Finding } from "./finding.ts";

const programs = () => installPrograms("template-checks", "test/infrastructure/requirements.txt");

/** Writes `{stack}.template.json` for each stack into the folder. */
export function writeTemplates(folder: string, stacks: readonly SynthesisedStack[]): void {
  mkdirSync(folder, { recursive: true });
  for (const { name, template } of stacks) {
    writeFileSync(join(folder, `${name}.template.json`), JSON.stringify(template, undefined, 1));
  }
}

export function cfnLint(folder: string): readonly Finding[] {
  const files = readdirSync(folder).map((file) => join(folder, file));
  const matches: {
    Filename: string;
    Rule: { Id: string };
    Message: string;
    Location: { Path: (string | number)[] | null };
  }[] = JSON.parse(run("cfn-lint", ["--non-zero-exit-code", "none", "--format", "json", ...files]));
  return matches.map(({ Filename, Rule, Message, Location }) => ({
    rule: Rule.Id,
    place: `${stackOf(Filename)}/${Location.Path?.slice(1, 2) ?? ""}`,
    text: Message,
  }));
}

export function checkov(folder: string): readonly Finding[] {
  const options = ["--quiet", "--compact", "--framework", "cloudformation", "--skip-download", "--soft-fail"];
  const report: {
    results: {
      failed_checks: { check_id: string; check_name: string; file_path: string; resource: string }[];
    };
    summary: { parsing_errors: number };
  } = JSON.parse(run("checkov", [...options, "--output", "json", "--directory", folder]));
  if (report.summary.parsing_errors > 0) throw new Error("checkov could not read every template.");
  return report.results.failed_checks.map(({ check_id, check_name, file_path, resource }) => ({
    rule: check_id,
    place: `${stackOf(file_path)}/${resource.split(".").at(-1)}`,
    text: check_name,
  }));
}

function stackOf(file: string): string {
  return /([^/]+)\.template\.json$/.exec(file)?.[1] ?? file;
}

/** What the program prints. */
function run(program: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(join(programs(), program), args, {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1", LOG_LEVEL: "ERROR" },
  });
  if (error || status !== 0) throw new Error(`${program} failed (${status}):\n${stderr || stdout}`);
  return stdout;
}
