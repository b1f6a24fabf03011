import { describe, expect, it, vi } from "vitest";
import { FileError } from "../../core/batch/file-error.ts";
import { planDrop } from "../../core/batch/parts/plan-drop.ts";
import { FunctionDied, runBatch } from "../../test/batch-run.ts";
import { inOneGo, inOnePiece, inParts, models, score, smallFile, World } from "../../test/batch-world.ts";

vi.setConfig({ testTimeout: 60_000 });

describe("a drop", () => {
  it("that is scored by one function is told with its id, as one in parts is planned with it", async () => {
    const whole = new World();
    const told = await planDrop(await whole.drop("leads.csv", smallFile), whole.ports, inOneGo);
    const cut = new World();
    const planned = await planDrop(await cut.drop("leads.csv", smallFile), cut.ports, inParts);
    expect(planned.outcome).toBe("parts");
    expect(told).toMatchObject({ outcome: "finished", drop: (planned as { drop: string }).drop });
  });

  it("has one result, however often its event comes", async () => {
    for (const settings of [inParts, inOneGo]) {
      const { world, results } = await score("leads.csv", smallFile, settings);
      const written = world.store.writes;
      const again = await runBatch({ key: "batch/in/tiny/leads.csv" }, world.ports, settings);
      expect(again).toEqual({ outcome: "passed-over", reason: "already-scored" });
      expect(world.store.writes).toBe(written);
      expect(world.results("leads.csv")).toEqual(results);
    }
  });

  it("is scored once by two executions at a time", async () => {
    const world = new World();
    const event = await world.drop("leads.csv", smallFile);
    const [first, second] = await Promise.all([
      runBatch(event, world.ports, inParts),
      runBatch(event, world.ports, { ...inParts, partBytes: 77 }),
    ]);
    expect([first.outcome, second.outcome]).toContain("finished");
    expect(world.results("leads.csv")).toEqual(await inOnePiece("leads.csv", smallFile));
  });

  it("is not scored anew for the same bytes, and is for others", async () => {
    const { world } = await score("leads.csv", smallFile, inParts);
    const same = await world.drop("leads.csv", smallFile);
    expect(await runBatch(same, world.ports, inParts)).toMatchObject({ reason: "already-scored" });
    const shorter = smallFile.replace("L3,3\n", "");
    await runBatch(await world.drop("leads.csv", shorter), world.ports, inParts);
    expect(world.results("leads.csv")).toEqual(await inOnePiece("leads.csv", shorter));
  });

  it("whose events come out of order has the results of what is there", async () => {
    const world = new World();
    const first = await world.drop("leads.csv", smallFile);
    const second = await world.drop("leads.csv", smallFile.replace("L3,3", "L3,9"));
    await runBatch(second, world.ports, inParts);
    const results = world.results("leads.csv");
    expect(await runBatch(first, world.ports, inParts)).toEqual({
      outcome: "passed-over",
      reason: "superseded",
    });
    expect(world.results("leads.csv")).toEqual(results);
  });

  it("that is replaced while it is scored leaves the results to the one that replaced it", async () => {
    for (const [settings, read] of [
      [inParts, 1],
      [inParts, 3],
      [inOneGo, 1],
    ] as const) {
      const world = new World();
      const first = await world.drop("leads.csv", smallFile);
      const late = smallFile.replace("L3,3", "L3,9");
      let reads = 0;
      world.store.onRead = (key) => {
        if (key === first.key && ++reads === read) void world.drop("leads.csv", late);
      };
      const outcome = await runBatch(first, world.ports, settings);
      expect(outcome).toEqual({ outcome: "passed-over", reason: "superseded" });
      expect(world.results("leads.csv")).toEqual({});
      await runBatch({ key: first.key }, world.ports, settings);
      expect(world.results("leads.csv")).toEqual(await inOnePiece("leads.csv", late));
    }
  });

  it("that is replaced while its results are written does not spoil those of the one in its place", async () => {
    const late = smallFile.replace("L3,3", "L3,9");
    for (const settings of [inParts, inOneGo]) {
      for (const file of ["leads.scored.csv", "leads.errors.csv"]) {
        const world = new World();
        const first = await world.drop("leads.csv", smallFile);
        world.store.onWrite = async (key) => {
          if (!key.endsWith(file)) return;
          world.store.onWrite = async () => {};
          // The whole of the second drop passes between two writes of the first one.
          const second = await world.drop("leads.csv", late);
          expect((await runBatch(second, world.ports, settings)).outcome).toBe("finished");
        };
        await runBatch(first, world.ports, settings);
        expect(world.results("leads.csv")).toEqual(await inOnePiece("leads.csv", late));
      }
    }
  });

  it("keeps its version after a promotion, unless it is dropped anew or asked for", async () => {
    const { world } = await score("leads.csv", smallFile, inParts);
    const event = { key: "batch/in/tiny/leads.csv" };
    const version = () => world.manifest("leads.csv").model.version;
    world.champion = models[1];
    expect(await runBatch(event, world.ports, inParts)).toMatchObject({ reason: "already-scored" });
    expect(version()).toBe(models[0].version);
    await runBatch({ ...event, rescore: true }, world.ports, inParts);
    expect(version()).toBe(models[1].version);
    expect(await runBatch({ ...event, rescore: true }, world.ports, inParts)).toMatchObject({
      reason: "already-scored",
    });
    expect(await runBatch(event, world.ports, inParts)).toMatchObject({ reason: "already-scored" });
    world.champion = models[0];
    await runBatch(await world.drop("leads.csv", smallFile), world.ports, inParts);
    expect(version()).toBe(models[0].version);
  });

  it("keeps the version it was planned with, though another one is promoted before it is done", async () => {
    const world = new World();
    const event = await world.drop("leads.csv", smallFile);
    const died = await runBatch(event, world.ports, inParts, (part) => {
      if (part > 1) throw new FunctionDied();
    });
    expect(died.outcome).toBe("failed");
    world.champion = models[1];
    await runBatch(event, world.ports, inParts);
    expect(world.results("leads.csv")).toEqual(await inOnePiece("leads.csv", smallFile));
  });

  it("is passed over where it is none, or gone", async () => {
    const { ports } = new World();
    for (const key of [
      "batch/in/leads.csv",
      "batch/in/tiny/",
      "batch/in/tiny/.x.csv",
      "batch/in/tiny/x.csv.part",
    ])
      expect(await runBatch({ key }, ports, inParts)).toEqual({ outcome: "passed-over", reason: "no-drop" });
    const gone = await runBatch({ key: "batch/in/tiny/leads.csv" }, ports, inParts);
    expect(gone).toEqual({ outcome: "passed-over", reason: "gone" });
  });

  it("for a model that is not there is told so, and scored once it is", async () => {
    const world = new World();
    const { key } = await world.drop("leads.csv", smallFile);
    const elsewhere = {
      ...world.ports.models,
      champion: async () => Promise.reject(new FileError("unknown_model", "There is none.")),
    };
    await runBatch({ key }, { ...world.ports, models: elsewhere }, inParts);
    expect(world.manifest("leads.csv")).toMatchObject({ status: "failed", error: { code: "unknown_model" } });
    await runBatch({ key }, world.ports, inParts);
    expect(world.results("leads.csv")).toEqual(await inOnePiece("leads.csv", smallFile));
  });
});
