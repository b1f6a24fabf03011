/** The embedded database: Postgres in this process, in a directory that one process at a time may use. */
import { existsSync } from "node:fs";
import { mkdir, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PGlite } from "@electric-sql/pglite";
import { OutcomesUnavailable } from "../../core/ports.ts";

const MIGRATION_FILE = /^\d{3}_[a-z0-9_]+\.sql$/;

export interface WarehouseLocation {
  /** Where the data is; made when it is not there. */
  readonly directory: string;
  /** The folder of numbered SQL files, applied in order, each once. */
  readonly migrations: string;
}

export interface Warehouse {
  readonly database: PGlite;
  close(): Promise<void>;
}

/** Opens the database and brings its tables up to date. Takes a second or two: open it when it is needed. */
export async function openWarehouse({ directory, migrations }: WarehouseLocation): Promise<Warehouse> {
  await mkdir(directory, { recursive: true });
  const steps = await readMigrations(migrations);
  const lock = join(directory, "lock");
  await acquire(lock);
  try {
    const data = join(directory, "data");
    const ready = join(directory, "ready");
    // Nothing was ever recorded in a database whose making was interrupted.
    if (!existsSync(ready)) await rm(data, { recursive: true, force: true });
    // Only who uses the database pays for loading it: it is large.
    const { PGlite } = await import("@electric-sql/pglite");
    const database = await PGlite.create(data);
    await migrate(database, steps);
    await writeFile(ready, "");
    return {
      database,
      async close() {
        await database.close();
        await rm(lock, { force: true });
      },
    };
  } catch (error) {
    await rm(lock, { force: true });
    throw error;
  }
}

/** Two processes in one database would destroy it. */
async function acquire(lock: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const file = await open(lock, "wx");
      await file.writeFile(String(process.pid));
      await file.close();
      return;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    const owner = Number(await readFile(lock, "utf8").catch(() => ""));
    if (attempt === 2 || (owner !== process.pid && isRunning(owner))) {
      throw new OutcomesUnavailable(
        `The embedded database is in use by process ${owner}. Stop it, or delete ${lock} if it is none of Leadgauge.`,
      );
    }
    await rm(lock, { force: true });
  }
}

function isRunning(processId: number): boolean {
  if (!Number.isInteger(processId) || processId <= 0) return false;
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // Not allowed to signal it: it is there.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

interface Migration {
  readonly name: string;
  readonly sql: string;
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => MIGRATION_FILE.test(name)).sort();
  return Promise.all(names.map(async (name) => ({ name, sql: await readFile(join(folder, name), "utf8") })));
}

async function migrate(database: PGlite, migrations: readonly Migration[]): Promise<void> {
  await database.exec(
    "CREATE TABLE IF NOT EXISTS schema_migrations (name VARCHAR(256) NOT NULL PRIMARY KEY, applied_at TIMESTAMP WITH TIME ZONE NOT NULL)",
  );
  const { rows } = await database.query<{ name: string }>("SELECT name FROM schema_migrations");
  const applied = new Set(rows.map((row) => row.name));
  for (const { name, sql } of migrations.filter((migration) => !applied.has(migration.name))) {
    await database.transaction(async (transaction) => {
      await transaction.exec(sql);
      await transaction.query("INSERT INTO schema_migrations (name, applied_at) VALUES ($1, now())", [name]);
    });
  }
}
