import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Outcome } from "../../core/ports.ts";
import { LocalOutcomeStore } from "./local-outcome-store.ts";
import { localPaths } from "./paths.ts";

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

describe("LocalOutcomeStore", { timeout: 60_000 }, () => {
  it("records once, keeps the outcome that occurred last, and remembers over a restart", async () => {
    const location = { directory: join(directory, "a"), migrations: join(directory, "migrations") };
    // The remains of a database whose making was interrupted.
    await mkdir(join(location.directory, "data"), { recursive: true });
    await writeFile(join(location.directory, "data", "PG_VERSION"), "?");
    const store = new LocalOutcomeStore(location);
    await expect(store.record([outcome("a")])).rejects.toThrow(/does not open: .*migrations/);
    await cp(localPaths().migrations, location.migrations, { recursive: true });
    expect(await store.record([outcome("a"), outcome("b", { value: 300.5 }), outcome("a")])).toEqual([
      "recorded",
      "recorded",
      "unchanged",
    ]);
    await store.close();
    const second = new LocalOutcomeStore(location);
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
});
