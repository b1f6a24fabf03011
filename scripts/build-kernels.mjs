/**
 * `npm run build:kernels`: compiles core/trees/kernel/assembly to WebAssembly, and writes the two modules as base64 into
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

/** What each module exports, by its name in module.ts. */
const entries = { firstKernels: "index.ts", laterKernels: "later.ts" };

/**
 * Compiles the kernels.
 * @returns {Promise<Record<string, Uint8Array>>} the WebAssembly modules by name
 * @throws {Error} with the compiler's messages, if the sources are wrong
 */
export async function compileKernels() {
  /** @type {Record<string, Uint8Array>} */
  const modules = {};
  for (const [name, entry] of Object.entries(entries)) modules[name] = await compile(entry);
  return modules;
}

/** @param {string} entry */
async function compile(entry) {
  const { main } = await import("assemblyscript/dist/asc.js");
  /** @type {Uint8Array | undefined} */
  let module;
  const { error, stderr } = await main([entry, "--outFile", "module.wasm", ...options], {
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

/** @param {Record<string, Uint8Array>} modules */
export function sourceOf(modules) {
  const constants = Object.entries(modules).map(
    ([name, module]) => `export const ${name} =\n  "${Buffer.from(module).toString("base64")}";\n`,
  );
  return `// Written by npm run build:kernels from assembly/.\n${constants.join("\n")}`;
}

if (process.argv[1] && pathToFileURL(process.argv[1]).href === import.meta.url) {
  const modules = await compileKernels();
  writeFileSync(generatedFile, sourceOf(modules));
  for (const [name, { length }] of Object.entries(modules)) {
    process.stdout.write(`core/trees/kernel/module.ts: ${name}, ${length} bytes of WebAssembly\n`);
  }
}
