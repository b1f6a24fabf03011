import { canEmulate, installEmulator } from "./emulator.ts";

/** Before the test files of a project begin: side by side, each would install the emulator. */
export function setup(): void {
  if (canEmulate) installEmulator();
}
