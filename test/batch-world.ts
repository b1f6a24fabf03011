/** Batch scoring in memory: a store, a clock, models, and what comes out of a drop. */
import { FileError } from "../core/batch/file-error.ts";
import type { DropManifest } from "../core/batch/manifest.ts";
import type { BatchPorts, BatchSettings } from "../core/batch/parts/batch-ports.ts";
import { scoreDrop } from "../core/batch/score-drop.ts";
import { SoloCrew } from "../core/batch/scoring-crew.ts";
import { type LoadedModel, loadPackage } from "../core/package/load.ts";
import { ObjectFolder } from "../lambdas/adapters/object-folder.ts";
import { ObjectSource } from "../lambdas/adapters/object-source.ts";
import { runBatch } from "./batch-run.ts";
import { MemoryFolder, memorySource } from "./memory-drop.ts";
import { MemoryObjectStore } from "./memory-object-store.ts";
import { filesOf, tinyPackage } from "./tiny-package.ts";

const load = (document: Parameters<typeof tinyPackage>[0]) =>
  loadPackage(filesOf(tinyPackage(document)), { goldenRows: 32 });
/** The champion; the one that is promoted after it; one that gives no reasons. */
export const models = [
  await load({ weight: 0.5 }),
  await load({ weight: 0.6 }),
  await load({ noContributions: "its leaves are lines" }),
] as const;

const everyRow = { share: 1 };
export const inParts: BatchSettings = {
  wholeBytes: 0,
  partBytes: 40,
  partLines: 1_000_000,
  maximumBytes: 1 << 30,
  maximumLines: 1_000_000,
  options: { reasons: 3, top: 0, tolerance: everyRow },
};
export const inOneGo: BatchSettings = { ...inParts, wholeBytes: 1 << 30 };

/** A world with a clock that goes on by a second whenever it is looked at. */
export class World {
  readonly store = new MemoryObjectStore({ now: () => this.now(), chunkBytes: 1 << 16 });
  champion: LoadedModel = models[0];
  readonly ports: BatchPorts = {
    store: this.store,
    openSource: (object) => new ObjectSource(this.store, object),
    openFolder: (prefix) => new ObjectFolder(this.store, prefix),
    now: () => this.now(),
    models: {
      champion: async (name) => {
        if (name !== "tiny")
          throw new FileError("unknown_model", `There is no model "${name}" that can serve.`);
        return this.champion;
      },
      version: async (_, version) => models.find((model) => model.version === version) as LoadedModel,
    },
  };
  #seconds = 0;

  now(): Date {
    return new Date(Date.UTC(2026, 0, 1) + 1000 * this.#seconds++);
  }

  async drop(name: string, content: string | Uint8Array): Promise<{ key: string; etag: string }> {
    const key = `batch/in/tiny/${name}`;
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    return { key, ...(await this.store.put(key, bytes)) };
  }

  /** Result files by name, the manifest without its times. */
  results(name: string): Record<string, unknown> {
    const prefix = `batch/out/tiny/${name}/`;
    const files = [...this.store.objects].filter(([key]) => key.startsWith(prefix));
    return Object.fromEntries(
      files.map(([key, { body }]) => {
        const file = key.slice(prefix.length);
        return [file, file === "manifest.json" ? timeless(body) : Buffer.from(body).toString("latin1")];
      }),
    );
  }

  manifest(name: string): DropManifest {
    return JSON.parse(
      new TextDecoder().decode(this.store.objects.get(`batch/out/tiny/${name}/manifest.json`)?.body),
    );
  }
}

function timeless(manifest: Uint8Array): unknown {
  const { startedAt, finishedAt, durationInSeconds, ...told } = JSON.parse(
    new TextDecoder().decode(manifest),
  );
  return told;
}

/** What scoring in one piece makes of a file, as the command line does. */
export async function inOnePiece(
  name: string,
  content: string | Uint8Array,
  options = inParts.options,
  model: LoadedModel = models[0],
): Promise<Record<string, unknown>> {
  const folder = new MemoryFolder();
  await scoreDrop({
    source: memorySource(name, content),
    folder,
    modelName: "tiny",
    crew: async () => new SoloCrew(model),
    options,
    now: () => new Date(),
  });
  return Object.fromEntries(
    [...folder.files].map(([file, body]) => [
      file,
      file === "manifest.json" ? timeless(body) : Buffer.from(body).toString("latin1"),
    ]),
  );
}

export async function score(name: string, content: string | Uint8Array, settings: BatchSettings) {
  const world = new World();
  const outcome = await runBatch(await world.drop(name, content), world.ports, settings);
  return { world, outcome, results: world.results(name) };
}

/** Thirty leads that are scored and one that is not. */
export const smallFile = `Lead,Visits\n${Array.from({ length: 30 }, (_, row) => `L${row},${row % 8}`).join("\n")}\nbad,x\n`;
