import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DirectoryObjectStore } from "../../local/store/directory-object-store.ts";
import { filesOf, TINY_MODEL, tinyPackage } from "../../test/tiny-package.ts";
import {
  guardPromotions,
  jumps,
  SCORE_QUANTILES,
  type ScoreQuantiles,
  type Traffic,
} from "./promotion-guard.ts";
import { promote, registerPackage, rollBack } from "./register.ts";
import { readStages } from "./stages.ts";
import { packagePrefix } from "./stored-package.ts";

const limits = { watchedForHours: 6, minimumScores: 100, scoreJump: 15, errorJump: 0.05 };
/** Of the scores that `at` gives for the shares of the leads below them. */
const quantilesOf = (at: (share: number) => number) =>
  Object.fromEntries(
    SCORE_QUANTILES.map((name) => [name, at(Number(name.slice(1)) / 100)]),
  ) as ScoreQuantiles;
/** From 0 to 80, with a mean of 40. */
const evenly = quantilesOf((share) => 80 * share);
const usual: Traffic = { scored: 1_000, meanScore: 40, quantiles: evenly, rejected: 10, failed: 0 };

describe("a jump", () => {
  it.each<[string, Partial<Traffic>, number]>([
    ["none", {}, 0],
    ["more rejected leads", { rejected: 100 }, 1],
    ["faults", { failed: 80 }, 1],
    ["higher scores", { meanScore: 55 }, 1],
    ["lower scores", { meanScore: 25 }, 1],
    ["nearly as different as it takes", { meanScore: 54.9, rejected: 55 }, 0],
    ["everything at once", { meanScore: 90, rejected: 900 }, 2],
    ["too few leads to tell", { scored: 50, meanScore: 90, rejected: 40 }, 0],
    ["nothing is scored any more", { scored: 0, meanScore: 0, rejected: 500 }, 1],
    ["no traffic", { scored: 0, meanScore: 0, rejected: 0 }, 0],
  ])("%s", (_name, change, count) => {
    expect(jumps(usual, { ...usual, ...change }, limits)).toHaveLength(count);
  });

  it.each<[string, (share: number) => number, string[]]>([
    ["collapsed to the mean", () => 40, ["p10", "p90"]],
    ["falls apart into two groups", (share) => (share < 0.6 ? 0 : 100), ["p90"]],
    ["none", (share) => 80 * share, []],
    ["a little wider", (share) => 90 * share - 5, []],
  ])("of the distribution, the mean being the same: %s", (_name, at, named) => {
    const findings = jumps(usual, { ...usual, quantiles: quantilesOf(at) }, limits);
    expect(findings.map((finding) => /p\d+/.exec(finding)?.[0])).toEqual(named);
  });

  it("is told when what was close together falls apart, and not when two groups of leads change places at the median", () => {
    const close = { ...usual, quantiles: quantilesOf(() => 40) };
    const apart = (border: number) => ({
      ...usual,
      quantiles: quantilesOf((share) => (share < border ? 0 : 80)),
    });
    expect(jumps(close, apart(0.49), limits)).toEqual([
      "The p10 of scores is 0.0; it was 40.0 before.",
      "The p90 of scores is 80.0; it was 40.0 before.",
    ]);
    expect(jumps(apart(0.49), apart(0.51), limits)).toEqual([]);
  });

  it("is told of the mean alone where CloudWatch tells no percentiles, and of neither of too few leads", () => {
    const collapsed = { ...usual, quantiles: quantilesOf(() => 40) };
    expect(jumps({ ...usual, quantiles: undefined }, collapsed, limits)).toEqual([]);
    expect(jumps(usual, { ...collapsed, scored: 50, rejected: 1 }, limits)).toEqual([]);
  });

  it("is not told where there was nothing to compare with", () => {
    expect(
      jumps(
        { scored: 0, meanScore: 0, quantiles: undefined, rejected: 0, failed: 0 },
        { ...usual, failed: 900 },
        limits,
      ),
    ).toEqual([]);
  });
});

describe("the guard of promotions", () => {
  const first = tinyPackage();
  const second = tinyPackage({ weight: 0.75 });
  const promotedAt = new Date("2026-05-01T12:00:00Z");
  const minutesLater = (minutes: number) => promotedAt.getTime() + minutes * 60_000;
  let store: DirectoryObjectStore;
  let asked: { version: string; from: Date; to: Date }[];
  beforeEach(async () => {
    store = new DirectoryObjectStore(await mkdtemp(join(tmpdir(), "leadgauge-guard-")));
    asked = [];
    await serve(first, new Date("2026-04-01T00:00:00Z"));
    await serve(second, promotedAt);
  });
  afterEach(() => rm(store.root, { recursive: true, force: true }));

  async function serve(tiny: typeof first, at: Date): Promise<void> {
    await registerPackage(store, filesOf(tiny), { by: "test", at });
    await promote(store, TINY_MODEL, tiny.version, "production", { by: "test", at });
  }
  const guard = (now: number, after: Partial<Traffic>, reverts: boolean) =>
    guardPromotions({
      store,
      limits,
      reverts,
      now: () => now,
      figures: {
        read: async (_model, version, from, to) => {
          asked.push({ version, from, to });
          return version === first.version ? usual : { ...usual, ...after };
        },
      },
    });
  const production = async () => (await readStages(store, TINY_MODEL))?.stages.production;

  it("compares as long before the promotion as after it, without the minutes in which both versions answer", async () => {
    await guard(minutesLater(30), {}, false);
    expect(asked).toEqual([
      { version: first.version, from: new Date("2026-05-01T06:00:00Z"), to: promotedAt },
      { version: second.version, from: new Date(minutesLater(2)), to: new Date(minutesLater(30)) },
    ]);
  });

  it("only tells, where nothing is to be reverted", async () => {
    const [verdict] = await guard(minutesLater(30), { meanScore: 90 }, false);
    expect(verdict).toMatchObject({ model: TINY_MODEL, version: second.version, isReverted: false });
    expect(verdict?.findings).toEqual(["The mean score is 90.0; it was 40.0 before."]);
    expect(await production()).toBe(second.version);
  });

  it("takes a bad promotion back once, and leaves a good one", async () => {
    expect(await guard(minutesLater(30), {}, true)).toMatchObject([{ findings: [], isReverted: false }]);
    expect(await guard(minutesLater(30), { failed: 500 }, true)).toMatchObject([{ isReverted: true }]);
    expect(await production()).toBe(first.version);
    // What serves by a rollback was not promoted: there is nothing to judge, and nothing goes back and forth.
    expect(await guard(minutesLater(35), { failed: 500 }, true)).toEqual([]);
    expect(await production()).toBe(first.version);
  });

  it("tells what jumped, and why it took nothing back, where the version before is damaged", async () => {
    await store.put(`${packagePrefix(TINY_MODEL, first.version)}serving.json`, Buffer.from("{}"));
    const [verdict] = await guard(minutesLater(30), { meanScore: 90 }, true);
    expect(verdict?.findings).toHaveLength(1);
    expect(verdict).toMatchObject({ isReverted: false, problem: expect.stringContaining("serving.json") });
    expect(verdict?.problem).toContain(first.version);
    expect(await production()).toBe(second.version);
  });

  it("does not take back what somebody changed while it was judging", async () => {
    const verdicts = await guardPromotions({
      store,
      limits,
      reverts: true,
      now: () => minutesLater(30),
      figures: {
        read: async (_model, version) => {
          if (version === first.version) return usual;
          await rollBack(store, TINY_MODEL, { by: "somebody" });
          return { ...usual, meanScore: 99 };
        },
      },
    });
    expect(verdicts).toMatchObject([{ isReverted: false }]);
    expect(await production()).toBe(first.version);
  });

  it("waits until a promotion is taken up, and does not look at old ones or at a model's first version", async () => {
    expect(await guard(minutesLater(1), { failed: 900 }, true)).toEqual([]);
    // There would be no time to ask about.
    expect(await guard(minutesLater(2), { failed: 900 }, true)).toEqual([]);
    expect(await guard(minutesLater(6 * 60 + 1), { failed: 900 }, true)).toEqual([]);
    const other = tinyPackage({ model: "another" });
    await registerPackage(store, filesOf(other), { by: "test" });
    await promote(store, "another", other.version, "production", { by: "test", at: promotedAt });
    expect((await guard(minutesLater(30), {}, false)).map(({ model }) => model)).toEqual([TINY_MODEL]);
  });
});
