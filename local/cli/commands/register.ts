import { promote, registerPackage } from "../../../core/registry/register.ts";
import { packageDirectory } from "../../files/package-directory.ts";
import { callerPath } from "../caller-directory.ts";
import type { ParsedCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { openStore, signingKeyOption, storeOption } from "../store-reference.ts";
import { UsageError } from "../usage-error.ts";

const stages = ["production", "staging"] as const;

export const register: ParsedCommand = {
  summary: "Checks a model package with all its golden rows and puts it into a store.",
  operands: [],
  options: {
    model: { value: "DIR", help: "the package's directory", isRequired: true },
    stage: {
      value: "STAGE",
      help: "production: it serves; staging: kept as the candidate; default: neither",
    },
    store: storeOption,
    "signing-key": signingKeyOption,
    unsigned: {
      help: "put it into a bucket without a signature; a function that verifies will not serve it",
    },
  },
  notes: "What runs takes up a new production version within a minute.",
  run: async (args) => {
    const named = args.values.get("stage");
    const stage = stages.find((known) => known === named);
    if (named !== undefined && !stage) {
      throw new UsageError(`--stage is "${named}"; ${stages.join(" or ")} is allowed.`);
    }
    if (args.values.has("store") && args.values.has("signing-key") === args.switches.has("unsigned")) {
      throw new UsageError("For a bucket give either --signing-key KEY or --unsigned.");
    }
    const { store, ...signing } = await openStore(args);
    const actor = { by: "leadgauge register" };
    const files = packageDirectory(callerPath(args.values.get("model") ?? ""));
    const registered = await registerPackage(store, files, actor, signing);
    const { model, version, number, isNew, noReasons } = registered;
    process.stdout.write(
      `${model} v${number} (${version}) ${isNew ? "is registered" : "was registered already"}\n`,
    );
    if (stage) {
      await promote(store, model, version, stage, actor, signing);
      process.stdout.write(`${model} v${number} is in ${stage}\n`);
      if (noReasons !== null) {
        process.stdout.write(`Calls that ask for reasons get 400 from it: ${noReasons}\n`);
      }
    }
    return exitCodes.success;
  },
};
