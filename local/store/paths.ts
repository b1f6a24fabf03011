import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the embedded run keeps its things. */
export interface LocalPaths {
  /** The checkout: where package.json, models/ and specs/ are. */
  readonly project: string;
  /** The directory that stands for the S3 bucket. */
  readonly store: string;
  /** The embedded database. */
  readonly warehouse: string;
  /** The plain SQL that builds it. */
  readonly migrations: string;
  /** The packages that come with the project, laid out as in the store. */
  readonly shippedModels: string;
}

/** `LEADGAUGE_HOME` moves the data out of the checkout's `.leadgauge`. */
export function localPaths(home = process.env.LEADGAUGE_HOME): LocalPaths {
  const project = projectDirectory();
  const data = home || join(project, ".leadgauge");
  return {
    project,
    store: join(data, "store"),
    warehouse: join(data, "warehouse"),
    migrations: join(project, "local", "store", "migrations"),
    shippedModels: join(project, "models"),
  };
}

/** The nearest directory above this file that has a package.json: the same from the sources and from a bundle in dist/. */
function projectDirectory(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  for (let directory = here; ; directory = dirname(directory)) {
    if (existsSync(join(directory, "package.json"))) return directory;
    if (directory === dirname(directory)) throw new Error(`No package.json above ${here}.`);
  }
}
