import { promote, registerPackage } from "../../../core/registry/register.ts";
import { packageDirectory } from "../../files/package-directory.ts";
import { callerPath } from "../caller-directory.ts";
import type { ParsedCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { localStore } from "../model-reference.ts";
import { UsageError } from "../usage-error.ts";

const stages = ["production", "staging"] as const;

export const register: ParsedCommand = {
  summary: "Checks a model package with all its golden rows and puts it into the local store.",
  operands: [],
  options: {
    model: { value: "DIR", help: "the package's directory", isRequired: true },
    stage: {
      value: "STAGE",
      help: "production: it serves; staging: kept as the candidate; default: neither",
    },
  },
  notes: "The running server takes up a new production version within half a minute.",
  run: async (args) => {
    const named = args.values.get("stage");
    const stage = stages.find((known) => known === named);
    if (named !== undefined && !stage) {
      throw new UsageError(`--stage is "${named}"; ${stages.join(" or ")} is allowed.`);
    }
    const store = await localStore();
    const actor = { by: "leadgauge register" };
    const { model, version, number, isNew } = await registerPackage(
      store,
      packageDirectory(callerPath(args.values.get("model") ?? "")),
      actor,
    );
    process.stdout.write(
      `${model} v${number} (${version}) ${isNew ? "is registered" : "was registered already"}\n`,
    );
    if (stage) {
      await promote(store, model, version, stage, actor);
      process.stdout.write(`${model} v${number} is in ${stage}\n`);
    }
    return exitCodes.success;
  },
};
