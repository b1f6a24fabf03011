import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { importFile } from "../files/import-file.ts";
import { localPaths } from "../store/paths.ts";

interface Installer {
  ensurePython(scope: { readonly dev: boolean }): string;
}

/** Runs `python -m leadgauge` with the caller's words, in the caller's directory, with `.venv` made first if need be. */
export async function runPython(words: readonly string[], directory: string): Promise<number> {
  const { project } = localPaths();
  // A script of the checkout, not of the bundle: it finds the project by its own place.
  const installer = (await importFile(pathToFileURL(join(project, "scripts", "install.mjs")))) as Installer;
  const python = installer.ensurePython({ dev: false });
  const { PYTHONPATH } = process.env;
  const child = spawn(python, ["-m", "leadgauge", ...words], {
    cwd: directory,
    stdio: "inherit",
    env: {
      ...process.env,
      PYTHONPATH: [join(project, "glue-scripts"), ...(PYTHONPATH ? [PYTHONPATH] : [])].join(delimiter),
      PYTHONUTF8: "1",
      // Images of containers forbid Python to keep what it compiles; then every command would compile the libraries, for seconds.
      PYTHONDONTWRITEBYTECODE: "",
    },
  });
  // The child has the terminal, so it gets Ctrl-C itself; here one waits for what it makes of it.
  const ignore = () => {};
  const forward = () => child.kill("SIGTERM");
  process.on("SIGINT", ignore);
  process.on("SIGTERM", forward);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 143)));
    });
  } finally {
    process.off("SIGINT", ignore);
    process.off("SIGTERM", forward);
  }
}
