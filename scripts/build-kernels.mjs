/**
 * `npm run build:kernels`: compiles core/trees/kernel/assembly to WebAssembly, and writes the module as base64 into
 * core/trees/kernel/module.ts. The same sources give the same bytes; a test compares them.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { projectRoot } from "./install.mjs";

const folder = join(projectRoot, "core", "trees", "kernel");
export const generatedFile = join(folder, "module.ts");

// No runtime: the kernels allocate nothing, and work on the memory that they are given.
const options = [
  ["--runtime", "stub"],
  ["--importMemory", "--noAssert", "--noColors"],
  ["--enable", "simd"],
  ["-O3", "--converge"],
].flat();

/**
 * Compiles the kernels.
 * @returns {Promise<Uint8Array>} the WebAssembly module
 * @throws {Error} with the compiler's messages, if the sources are wrong
 */
export async function compileKernels() {
  const { main } = await import("assemblyscript/dist/asc.js");
  /** @type {Uint8Array | undefined} */
  let module;
  const { error, stderr } = await main(["index.ts", "--outFile", "module.wasm", ...options], {
    readFile: (name, base) => {
      try {
        return readFileSync(join(folder, "assembly", base === "." ? "" : base, name), "utf8");
      } catch {
        return null;
      }
    },
    writeFile: (_name, contents) => {
      module = typeof contents === "string" ? new TextEncoder().encode(contents) : contents;
    },
    listFiles: () => [],
  });
  if (error !== null || module === undefined) throw new Error(`${error?.message}\n${stderr}`);
  return module;
}

/** @param {Uint8Array} module */
export function sourceOf(module) {
  return `// Written by npm run build:kernels from assembly/.\nexport const moduleBase64 =\n  "${Buffer.from(module).toString("base64")}";\n`;
}

if (process.argv[1] && pathToFileURL(process.argv[1]).href === import.meta.url) {
  const module = await compileKernels();
  writeFileSync(generatedFile, sourceOf(module));
  process.stdout.write(`core/trees/kernel/module.ts: ${module.length} bytes of WebAssembly\n`);
}
