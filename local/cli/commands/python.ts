import { runPython } from "../../python/run-python.ts";
import { callerDirectory } from "../caller-directory.ts";
import type { PassingCommand } from "../command.ts";

/** What Python does is told by Python: options, help and exit codes are its own. */
function pythonCommand(name: string): PassingCommand {
  return { passOn: (words) => runPython([name, ...words], callerDirectory()) };
}

export const train = pythonCommand("train");
export const init = pythonCommand("init");
export const generate = pythonCommand("generate");
