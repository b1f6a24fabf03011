/** `leadgauge COMMAND`: finds the command, and turns what goes wrong into a line for the person who called. */

import { didYouMean } from "../../core/spec/suggest.ts";
import { importFile } from "../files/import-file.ts";
import { lazyUrl } from "../files/worker-url.ts";
import { type Command, helpOf, parseArguments } from "./command.ts";
import { exitCodes } from "./exit-codes.ts";
import { printable } from "./printable.ts";
import { UsageError } from "./usage-error.ts";

type StoreCommands = typeof import("./store-commands.lazy.ts");

function storeCommands(): Promise<StoreCommands> {
  return importFile(lazyUrl(import.meta.url, "store-commands")) as Promise<StoreCommands>;
}

/** Loaded when called for: what one command needs is no cost of another. */
const commands: Readonly<Record<string, { summary: string; load: () => Promise<Command> }>> = {
  score: {
    summary: "Score the leads of a file",
    load: async () => (await import("./commands/score.ts")).score,
  },
  train: {
    summary: "Train a model package from labelled leads (Python)",
    load: async () => (await import("./commands/python.ts")).train,
  },
  init: {
    summary: "Propose a feature spec for a new file (Python)",
    load: async () => (await import("./commands/python.ts")).init,
  },
  evaluate: {
    summary: "Judge a model on labelled leads, as JSON",
    load: async () => (await import("./commands/evaluate.ts")).evaluate,
  },
  validate: {
    summary: "Check a model package or a feature spec",
    load: async () => (await import("./commands/validate.ts")).validate,
  },
  register: {
    summary: "Put a model package into a store: the local one, or a bucket",
    load: async () => (await storeCommands()).register,
  },
  models: {
    summary: "List the models of a store",
    load: async () => (await storeCommands()).models,
  },
  rollback: {
    summary: "Let the version before serve again",
    load: async () => (await storeCommands()).rollback,
  },
  batch: {
    summary: "Score a file that was dropped into a bucket once more (redrive)",
    load: async () => (await storeCommands()).batch,
  },
  import: {
    summary: "Package a model that another program has trained",
    load: async () => (await import("./commands/import.ts")).importModel,
  },
  "predict-raw": {
    summary: "Predict rows of raw values by a model file of XGBoost or LightGBM",
    load: async () => (await import("./commands/predict-raw.ts")).predictRaw,
  },
  generate: {
    summary: "Generate leads to try things with (Python)",
    load: async () => (await import("./commands/python.ts")).generate,
  },
};

function overview(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length)) + 2;
  return [
    "Usage: leadgauge COMMAND [options]",
    "",
    ...Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}${summary}`),
    "",
    "leadgauge COMMAND --help tells a command's options. Through npm: npm run -s leadgauge -- COMMAND …",
    "",
  ].join("\n");
}

async function run(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    if (name === "help" && rest[0] !== undefined) return run([rest[0], "--help"]);
    const text = overview();
    if (name !== undefined) {
      process.stdout.write(text);
      return exitCodes.success;
    }
    process.stderr.write(text);
    return exitCodes.failure;
  }
  if (!Object.hasOwn(commands, name)) {
    throw new UsageError(
      `There is no command "${name}".${didYouMean(name, Object.keys(commands))} See: leadgauge --help`,
    );
  }
  const command = await commands[name]?.load();
  if (!command) throw new Error(`${name} has nothing to load.`);
  if ("passOn" in command) return command.passOn(rest);
  if (rest.some((word) => word === "--help" || word === "-h")) {
    process.stdout.write(helpOf(name, command));
    return exitCodes.success;
  }
  return command.run(parseArguments(name, command, rest));
}

// A reader that closes the pipe early (`| head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(exitCodes.success);
  throw error;
});

run(process.argv.slice(2)).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error) => {
    process.stderr.write(`leadgauge: ${printable(messageOf(error))}\n`);
    process.exitCode = exitCodes.failure;
  },
);

/** Nobody but a developer can do something with a stack trace. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (process.env.LEADGAUGE_DEBUG && error.stack) return error.stack;
  const isOurFault =
    error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
  return isOurFault
    ? `unexpected error: ${error.message}. This is a fault of leadgauge; LEADGAUGE_DEBUG=1 shows where it is.`
    : error.message;
}
