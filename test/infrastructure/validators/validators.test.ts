import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LeadgaugeStage } from "../../../lib/stages/leadgauge-stage.ts";
import { canInstall } from "../../python-environment.ts";
import { allStacks, checkedStages, configOf, newApp, type SynthesisedStack } from "../synthesise.ts";
import { type Acknowledgement, acknowledgements } from "./acknowledgements.ts";
import { cdkNag } from "./cdk-nag.ts";
import type { Finding } from "./finding.ts";
import { cfnLint, checkov, writeTemplates } from "./template-programs.ts";

interface Validator {
  /** Ids of its rules. */
  readonly rule: RegExp;
  /** What it must say of the faulty template, if it reads templates from files. */
  readonly fault?: string;
  run(folder: string): readonly Finding[];
}

const validators: Readonly<Record<string, Validator>> = {
  "cdk-nag": { rule: /^AwsSolutions-/, run: () => checkedStages.flatMap(cdkNag) },
  "cfn-lint": { rule: /^[EWI]\d+$/, fault: "E3002", run: cfnLint },
  checkov: { rule: /^CKV/, fault: "CKV_AWS_53", run: checkov },
};

describe.skipIf(!canInstall)(
  "validators (cfn-lint and checkov need uv in .venv: npm test installs it)",
  () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), "leadgauge-templates-"));
      writeTemplates(folder, [...allStacks(), faulty]);
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it.each(Object.entries(validators))(
      "%s finds the seeded fault, and nothing else unexplained",
      (_, validator) => {
        const { rule, fault, run } = validator;
        const isSeeded = ({ place }: Finding) => place.startsWith(faulty.name);
        const all = run(folder);
        if (fault !== undefined) expect(all.filter(isSeeded).map((finding) => finding.rule)).toContain(fault);

        const findings = all.filter((finding) => !isSeeded(finding));
        const unexplained = findings.filter(
          (finding) => !acknowledgements.some((each) => explains(each, finding)),
        );
        expect(unexplained.map(({ rule, place, text }) => `${rule} ${place}: ${text}`)).toEqual([]);
        const needless = acknowledgements
          .filter((each) => rule.test(each.rule))
          .filter((each) => !findings.some((finding) => explains(each, finding)));
        expect(needless.map(({ rule, place }) => `${rule} ${place}`)).toEqual([]);
      },
    );
  },
);

it.each(checkedStages)("CDK's own strict validation of stage %s reports nothing", (stage) => {
  const app = newApp();
  new LeadgaugeStage(app, configOf(stage));
  const report = readFileSync(join(app.synth().directory, "validation-report.json"), "utf8");
  expect(JSON.parse(report).pluginReports).toEqual([]);
});

const faulty: SynthesisedStack = {
  name: "leadgauge-faulty-scoring",
  purpose: "scoring",
  dependencies: [],
  terminationProtection: false,
  template: { Resources: { Bucket: { Type: "AWS::S3::Bucket", Properties: { NoSuchProperty: true } } } },
};

function explains({ rule, place }: Acknowledgement, finding: Finding): boolean {
  const withoutStage = finding.place.replace(new RegExp(`^leadgauge-(${checkedStages.join("|")})-`), "");
  return finding.rule.replace(/\[.*/, "") === rule && place.test(withoutStage);
}
