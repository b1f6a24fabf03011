import { describe, expect, it, vi } from "vitest";
import type { BatchSettings } from "../../core/batch/parts/batch-ports.ts";
import { giveUpDrop } from "../../core/batch/parts/finish-drop.ts";
import { FunctionDied, runBatch } from "../../test/batch-run.ts";
import { inOneGo, inOnePiece, inParts, score, smallFile, World } from "../../test/batch-world.ts";
import { StoreDied } from "../../test/memory-object-store.ts";

// Some go through every write of several runs.
vi.setConfig({ testTimeout: 60_000 });

describe("a failure", () => {
  it("of part 3 of 5 is told, and a redrive scores that part only, with the bytes of a clean run", async () => {
    const rows = Array.from({ length: 5_000 }, (_, row) => `"L\n${row}",${row % 9}`).join("\n");
    const file = `Lead,Visits\n${rows}\n`;
    const settings = { ...inParts, partBytes: 1 << 14 };
    const clean = await score("leads.csv", file, settings);
    const world = new World();
    const event = await world.drop("leads.csv", file);
    const failed = await runBatch(event, world.ports, settings, (part) => {
      if (part === 2) throw new FunctionDied();
    });
    expect(failed).toEqual({ outcome: "failed", missing: [2] });
    expect(world.manifest("leads.csv")).toMatchObject({
      status: "failed",
      error: { code: "internal_error" },
    });
    expect(world.manifest("leads.csv").error?.detail).toMatch(
      /^1 of the file's \d parts could not be scored \(3\)/,
    );
    const scored: number[] = [];
    await runBatch({ key: event.key }, world.ports, settings, (part) => scored.push(part));
    expect(scored).toEqual([2]);
    expect(world.results("leads.csv")).toEqual(clean.results);
  });

  it("anywhere between two writes loses nothing and leaves nothing half done", async () => {
    const later = `Lead,Visits\n${"L1,x\n".repeat(20)}`;
    for (const settings of [inParts, { ...inOneGo, options: { ...inParts.options, top: 2 } }]) {
      // A file with results, replaced by one that fails: both ways of writing results are gone through.
      for (const replacement of [smallFile.replace("L3,3", "L3,9"), later]) {
        const clean = await replacedRun(settings, replacement, undefined);
        expect(clean.deaths).toBe(0);
        for (let write = 0; write < clean.writes; write++) {
          const died = await replacedRun(settings, replacement, write);
          expect(died.deaths).toBe(1);
          expect(died.results).toEqual(clean.results);
        }
      }
    }
  });

  it("for good is told in the manifest, which another try replaces", async () => {
    const world = new World();
    const event = await world.drop("leads.csv", smallFile);
    await giveUpDrop(event, world.ports, inParts);
    expect(world.manifest("leads.csv")).toMatchObject({
      status: "failed",
      error: {
        code: "internal_error",
        detail: expect.stringContaining('leadgauge batch redrive "batch/in/tiny/leads.csv"'),
      },
      input: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    await runBatch(event, world.ports, inParts);
    expect(world.results("leads.csv")).toEqual(await inOnePiece("leads.csv", smallFile));
    expect(await giveUpDrop(event, world.ports, inParts)).toEqual({ outcome: "nothing-to-tell" });
    expect(world.manifest("leads.csv").status).toBe("succeeded");
  });

  it("is told from outside where an execution ended without telling it, and only there", async () => {
    const outside = { outside: true };
    const world = new World();
    const event = await world.drop("leads.csv", smallFile);
    expect(await giveUpDrop(event, world.ports, inParts, outside)).toEqual({ outcome: "told" });
    expect(world.manifest("leads.csv")).toMatchObject({
      status: "failed",
      error: { code: "internal_error" },
    });

    const failed = await runBatch(event, world.ports, inParts, (part) => {
      if (part === 2) throw new FunctionDied();
    });
    expect(failed.outcome).toBe("failed");
    const told = world.results("leads.csv");
    expect(await giveUpDrop(event, world.ports, inParts, outside)).toEqual({ outcome: "nothing-to-tell" });
    expect(world.results("leads.csv")).toEqual(told);

    await world.drop("leads.csv", smallFile.replace("L3,3", "L3,9"));
    expect(await giveUpDrop(event, world.ports, inParts, outside)).toEqual({ outcome: "nothing-to-tell" });
    expect(world.results("leads.csv")).toEqual(told);
  });
});

/** Scores a file, then another one in its place; the store dies once at a write of the second run, which is then run again. */
async function replacedRun(settings: BatchSettings, replacement: string, dyingWrite: number | undefined) {
  const world = new World();
  await runBatch(await world.drop("leads.csv", smallFile), world.ports, settings);
  const event = await world.drop("leads.csv", replacement);
  const before = world.store.writes;
  world.store.writesLeft = dyingWrite;
  let deaths = 0;
  for (;;) {
    try {
      await runBatch(event, world.ports, settings);
      break;
    } catch (error) {
      if (!(error instanceof StoreDied)) throw error;
      deaths++;
      world.store.writesLeft = undefined;
    }
  }
  return { deaths, writes: world.store.writes - before, results: world.results("leads.csv") };
}
