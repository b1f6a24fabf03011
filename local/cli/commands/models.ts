import { readStages, type Stages } from "../../../core/registry/stages.ts";
import type { ParsedCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { openStore, storeOption } from "../store-reference.ts";

export const models: ParsedCommand = {
  summary: "Lists the models of a store, their versions and which of them serves.",
  operands: [],
  options: { store: storeOption },
  run: async (args) => {
    const { store } = await openStore(args);
    const names = await store.listFolders("model-artifacts/");
    if (names.length === 0) process.stdout.write("No model is registered. See: leadgauge register --help\n");
    for (const name of names) {
      const stages = (await readStages(store, name))?.stages;
      if (!stages) continue;
      process.stdout.write(`${name}\n`);
      for (const { version, number, registeredAt } of stages.versions) {
        const stage = stageOf(version, stages);
        process.stdout.write(`  v${String(number).padEnd(4)}${version}  ${registeredAt}  ${stage}\n`);
      }
    }
    return exitCodes.success;
  },
};

function stageOf(version: string, { production, staging, previous }: Stages): string {
  if (version === production) return "production";
  if (version === staging) return "staging";
  return version === previous ? "previous" : "";
}
