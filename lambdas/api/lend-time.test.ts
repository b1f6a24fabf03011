import { setTimeout as sleep } from "node:timers/promises";
import type { APIGatewayProxyResult } from "aws-lambda";
import { describe, expect, it } from "vitest";
import type { GatewayEvent } from "./gateway.ts";
import { lendTime } from "./lend-time.ts";

const result: APIGatewayProxyResult = { statusCode: 200, body: "" };
const event = {} as GatewayEvent;

/** A registry whose look at it is under way as the test says. */
function registry() {
  const state: { refreshing: Promise<void> | undefined; isLoading: boolean } = {
    refreshing: undefined,
    isLoading: false,
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

describe("an answer", () => {
  it("does not wait where nothing is under way", async () => {
    const { state } = registry();
    expect(await timed(() => lendTime(state, async () => result)(event))).toBeLessThan(50);
  });

  it("waits until a short look at the registry is over, so that it does not stand still until the next call", async () => {
    const { state, begin } = registry();
    const handler = lendTime(state, async () => {
      begin(sleep(20));
      return result;
    });
    expect(await handler(event)).toBe(result);
    expect(state.refreshing).toBeUndefined();
  });

  it("waits for a registry that hangs only once, and not for long", async () => {
    const { state, begin } = registry();
    let calls = 0;
    const handler = lendTime(state, async () => {
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
    const handler = lendTime(
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
