import { rollBack } from "../../../core/registry/register.ts";
import { MODEL_NAME } from "../../../core/registry/stages.ts";
import type { ParsedCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { openStore, signingKeyOption, storeOption } from "../store-reference.ts";
import { UsageError } from "../usage-error.ts";

export const rollback: ParsedCommand = {
  summary: "Lets the version serve again that was in production before.",
  operands: ["MODEL"],
  options: { store: storeOption, "signing-key": signingKeyOption },
  notes: "Rolling back twice brings the newer version back. What runs takes it up within a minute.",
  run: async (args) => {
    const [model = ""] = args.operands;
    if (!MODEL_NAME.test(model)) throw new UsageError(`"${model}" is no model's name. See: leadgauge models`);
    const { store, trustedKeys } = await openStore(args);
    const stages = await rollBack(store, model, { by: "leadgauge rollback" }, { trustedKeys });
    const serving = stages.versions.find(({ version }) => version === stages.production);
    process.stdout.write(`${model} v${serving?.number} (${stages.production}) is in production again\n`);
    return exitCodes.success;
  },
};
