import { setTimeout as sleep } from "node:timers/promises";
import type { APIGatewayProxyResult } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { followAfterAnswers, followBeforeAnswers } from "./follow-registry.ts";
import type { GatewayEvent } from "./gateway.ts";

const result: APIGatewayProxyResult = { statusCode: 200, body: "" };
const event = {} as GatewayEvent;

/** A registry whose look at it is under way as the test says. */
function registry() {
  const state = {
    refreshing: undefined as Promise<void> | undefined,
    isLoading: false,
    lookIfDue: () => {},
  };
  const begin = (work: Promise<unknown>) => {
    const refreshing = work.then(() => {
      if (state.refreshing === refreshing) state.refreshing = undefined;
    });
    state.refreshing = refreshing;
  };
  return { state, begin };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** A busy machine may miss a limit of some milliseconds, but not again and again. */
const options = { retry: 4 };

describe("an answer without time after it", options, () => {
  it("does not wait where nothing is under way", async () => {
    const { state } = registry();
    expect(await timed(() => followBeforeAnswers(state, async () => result)(event))).toBeLessThan(50);
  });

  it("waits until a short look at the registry is over, so that it does not stand still until the next call", async () => {
    const { state, begin } = registry();
    const handler = followBeforeAnswers(state, async () => {
      begin(sleep(20));
      return result;
    });
    expect(await handler(event)).toBe(result);
    expect(state.refreshing).toBeUndefined();
  });

  it("waits for a registry that hangs only once, and not for long", async () => {
    const { state, begin } = registry();
    let calls = 0;
    const handler = followBeforeAnswers(state, async () => {
      if (calls++ === 0) begin(new Promise(() => {}));
      return result;
    });
    const first = await timed(() => handler(event));
    expect(first).toBeGreaterThan(60);
    expect(first).toBeLessThan(250);
    for (let call = 0; call < 5; call++) expect(await timed(() => handler(event))).toBeLessThan(50);
  });

  it("lends a model that is being loaded a second, over as many answers as come", async () => {
    const { state, begin } = registry();
    let now = 0;
    const handler = followBeforeAnswers(
      state,
      async () => result,
      () => now,
    );
    begin(sleep(300));
    state.isLoading = true;
    await handler(event);
    expect(state.refreshing).toBeUndefined();
    begin(new Promise(() => {}));
    await Promise.race([handler(event), sleep(30)]);
    now += 1_001;
    expect(await timed(() => handler(event))).toBeLessThan(50);
  });
});

describe("the time after an answer", options, () => {
  const far = () => Date.now() + 60_000;

  it("is used for a look that is due until it is over, and for none otherwise", async () => {
    const { state, begin } = registry();
    let looks = 0;
    state.lookIfDue = () => {
      if (looks++ === 0) begin(sleep(150));
    };
    const follow = followAfterAnswers(state);
    expect(await timed(() => follow(far()))).toBeGreaterThan(140);
    expect(state.refreshing).toBeUndefined();
    expect(await timed(() => follow(far()))).toBeLessThan(50);
    expect(looks).toBe(2);
  });

  it("ends with the deadline", async () => {
    const { state, begin } = registry();
    begin(new Promise(() => {}));
    const follow = followAfterAnswers(state);
    expect(await timed(() => follow(Date.now() + 100))).toBeLessThan(250);
    expect(await timed(() => follow(Date.now() - 1_000))).toBeLessThan(50);
  });

  it("is two seconds at most for one look and five with a model to load, over as many answers as come", async () => {
    const { state, begin } = registry();
    let now = 1_000_000;
    const follow = followAfterAnswers(state, () => now);
    const isOver = () => Promise.race([follow(now + 60_000).then(() => true), sleep(40, false)]);
    begin(new Promise(() => {}));
    expect(await isOver()).toBe(false);
    now += 1_990;
    expect(await isOver()).toBe(true);
    now += 20;
    expect(await isOver()).toBe(true);
    state.isLoading = true;
    expect(await isOver()).toBe(false);
    now += 3_000;
    expect(await isOver()).toBe(true);
    begin(new Promise(() => {}));
    state.isLoading = false;
    expect(await isOver()).toBe(false);
  });
});
