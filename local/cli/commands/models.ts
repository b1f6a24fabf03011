import { readStages } from "../../../core/registry/stages.ts";
import type { ParsedCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { localStore } from "../model-reference.ts";

export const models: ParsedCommand = {
  summary: "Lists the models of the local store, their versions and which of them serves.",
  operands: [],
  options: {},
  run: async () => {
    const store = await localStore();
    const names = await store.listFolders("model-artifacts/");
    if (names.length === 0) process.stdout.write("No model is registered. See: leadgauge register --help\n");
    for (const name of names) {
      const stages = (await readStages(store, name))?.stages;
      if (!stages) continue;
      process.stdout.write(`${name}\n`);
      for (const { version, number, registeredAt } of stages.versions) {
        const stage =
          version === stages.production ? "production" : version === stages.staging ? "staging" : "";
        process.stdout.write(`  v${String(number).padEnd(4)}${version}  ${registeredAt}  ${stage}\n`);
      }
    }
    return exitCodes.success;
  },
};
