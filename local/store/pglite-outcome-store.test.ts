import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Outcome } from "../../core/ports.ts";
import { localPaths } from "./paths.ts";
import { PGliteOutcomeStore } from "./pglite-outcome-store.ts";

const { migrations } = localPaths();
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "leadgauge-warehouse-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const outcome = (leadId: string, changes: Partial<Outcome> = {}): Outcome => ({
  model: "m",
  leadId,
  outcome: "1",
  occurredAt: "2026-03-01T12:00:00.000Z",
  ...changes,
});

describe("PGliteOutcomeStore", { timeout: 60_000 }, () => {
  it("records once, keeps the outcome that occurred last, and remembers over a restart", async () => {
    const location = { directory: join(directory, "a"), migrations };
    // The remains of a database whose making was interrupted.
    await mkdir(join(location.directory, "data"), { recursive: true });
    await writeFile(join(location.directory, "data", "PG_VERSION"), "?");
    const store = new PGliteOutcomeStore(location);
    expect(await store.record([outcome("a"), outcome("b", { value: 300.5 }), outcome("a")])).toEqual([
      "recorded",
      "recorded",
      "unchanged",
    ]);
    await store.close();
    const second = new PGliteOutcomeStore(location);
    // Another process that is alive: the one that started this one.
    await writeFile(join(location.directory, "lock"), String(process.ppid));
    await expect(second.record([outcome("a")])).rejects.toThrow(`in use by process ${process.ppid}`);
    await writeFile(join(location.directory, "lock"), "the remains of a process that died");
    expect(
      await second.record([
        outcome("b", { value: 300.5 }),
        outcome("b", { value: 301 }),
        outcome("a", { outcome: "0", occurredAt: "2026-03-01T12:00:00.001Z" }),
        outcome("a", { occurredAt: "2026-02-28T12:00:00.000Z" }),
        outcome("a", { model: "other" }),
        outcome("Robert'); DROP TABLE outcomes;--", { value: 1e300 }),
      ]),
    ).toEqual(["unchanged", "updated", "updated", "superseded", "recorded", "recorded"]);
    await second.close();
  });

  it("says what is wrong when the database does not open, and tries again the next time", async () => {
    const location = { directory: join(directory, "b"), migrations: join(directory, "b", "migrations") };
    const store = new PGliteOutcomeStore(location);
    await expect(store.record([outcome("a")])).rejects.toThrow(/does not open: .*migrations/);
    await mkdir(location.migrations, { recursive: true });
    await writeFile(
      join(location.migrations, "001_outcomes.sql"),
      "CREATE TABLE outcomes (model TEXT, lead_id TEXT, outcome TEXT, occurred_at TIMESTAMPTZ, value FLOAT8, received_at TIMESTAMPTZ)",
    );
    expect(await store.record([outcome("a")])).toEqual(["recorded"]);
    await store.close();
  });
});
