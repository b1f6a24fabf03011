import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../scripts/install.mjs";
import { run } from "../processes.ts";
import type { Contender, Scenario } from "../scenario.ts";

const stages = ["dev", "staging", "prod"];

/** The templates of all stages, by `cdk synth` of one after the other. */
export function synthScenario(): Scenario {
  return {
    title: "cdk synth of all three stages, one after the other",
    unit: "s",
    better: "lower",
    contenders: [
      synthesis("nothing bundled before", () =>
        rm(join(projectRoot, "dist", "functions"), { recursive: true, force: true }),
      ),
      synthesis("functions bundled before", async () => {}),
    ],
  };
}

function synthesis(name: string, begin: () => Promise<void>): Contender {
  return {
    name,
    measure: async () => {
      const folder = await mkdtemp(join(tmpdir(), "leadgauge-synth-"));
      try {
        await begin();
        const startedAt = performance.now();
        for (const stage of stages) {
          const cdk = join(projectRoot, "node_modules", "aws-cdk", "bin", "cdk");
          const options = ["--quiet", "--output", join(folder, stage), "-c", `stage=${stage}`];
          await run([process.execPath, cdk, "synth", ...options]);
        }
        return { value: (performance.now() - startedAt) / 1000 };
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}
