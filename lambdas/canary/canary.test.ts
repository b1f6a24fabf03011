import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { APIGatewayProxyEvent } from "aws-lambda";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Champions } from "../../core/registry/champions.ts";
import { promote, registerPackage } from "../../core/registry/register.ts";
import { packagePrefix } from "../../core/registry/stored-package.ts";
import { DirectoryObjectStore } from "../../local/store/directory-object-store.ts";
import { filesOf, TINY_MODEL, tinyPackage } from "../../test/tiny-package.ts";
import type { SignedFetch } from "../adapters/signed-fetch.ts";
import { createHandler } from "../api/handler.ts";
import { runCanary } from "./canary.ts";

const first = tinyPackage();
const second = tinyPackage({ weight: 0.75 });
let store: DirectoryObjectStore;
let champions: Champions;
let now: number;
let kept: number;
let measured: number;

beforeEach(async () => {
  store = new DirectoryObjectStore(await mkdtemp(join(tmpdir(), "leadgauge-canary-")));
  now = Date.now();
  kept = 0;
  measured = 0;
  await serve(first);
  champions = new Champions({ store, onChange: () => {} });
  await champions.start();
});
afterEach(() => rm(store.root, { recursive: true, force: true }));

async function serve(tiny: typeof first): Promise<void> {
  await registerPackage(store, filesOf(tiny), { by: "test" });
  await promote(store, TINY_MODEL, tiny.version, "production", { by: "test" });
}

/** The real handler behind a fetch that does not leave the process. */
const api: SignedFetch = async ({ url, body, headers }) => {
  const handler = createHandler({
    champions,
    store,
    outcomes: { record: async () => [] },
    predictions: {
      record: async (predictions) => {
        kept += predictions.length;
        return { captured: predictions.length, queued: 0, lost: 0 };
      },
    },
    telemetry: { scored: () => measured++, failed: () => {} },
    log: () => {},
  });
  const { pathname, searchParams } = new URL(url);
  const { statusCode, body: answer } = await handler({
    httpMethod: "POST",
    path: pathname,
    headers,
    multiValueQueryStringParameters: Object.fromEntries(
      [...searchParams].map(([name, value]) => [name, [value]]),
    ),
    requestContext: { requestId: "r", path: pathname },
    body,
    isBase64Encoded: false,
  } as unknown as APIGatewayProxyEvent);
  return { status: statusCode, body: answer };
};

const run = (fetch: SignedFetch = api) =>
  runCanary({ store, fetch, apiUrl: "https://api.example/", apiKey: undefined, now: () => now });
const changed =
  (change: (answer: Record<string, unknown>) => void): SignedFetch =>
  async (request) => {
    const { status, body } = await api(request);
    const answer = JSON.parse(body);
    change(answer);
    return { status, body: JSON.stringify(answer) };
  };

describe("the canary", () => {
  it("finds nothing wrong with an API that answers as the package says, row after row; its calls are no predictions", async () => {
    for (let minute = 0; minute < 8; minute++) {
      expect(await run()).toEqual({ models: 1, wrong: [], failed: [] });
      now += 60_000;
    }
    expect({ kept, measured }).toEqual({ kept: 0, measured: 0 });
  });

  it.each([
    [
      "probability",
      (answer: Record<string, unknown>) => (answer.probability = Number(answer.probability) + 1e-6),
    ],
    ["score", (answer: Record<string, unknown>) => (answer.score = Number(answer.score) + 1)],
    ["tier", (answer: Record<string, unknown>) => (answer.tier = "Other")],
    ["prediction", (answer: Record<string, unknown>) => (answer.prediction = "maybe")],
  ])("tells a wrong %s", async (name, change) => {
    const { wrong, failed } = await run(changed(change));
    expect(failed).toEqual([]);
    expect(wrong).toEqual([{ model: TINY_MODEL, problem: expect.stringContaining(`${name}`) }]);
  });

  it("tells an API that does not answer, or with something else, as failed", async () => {
    const answers: SignedFetch[] = [
      async () => ({ status: 503, body: "" }),
      async () => ({ status: 200, body: "<html>" }),
      async () => ({ status: 200, body: "{}" }),
      async () => Promise.reject(new Error("socket hang up")),
    ];
    for (const fetch of answers)
      expect(await run(fetch)).toMatchObject({ wrong: [], failed: [{ model: TINY_MODEL }] });
  });

  it("gives a promotion time to be taken up, but not for ever", async () => {
    await serve(second);
    expect((await run()).wrong).toEqual([]);
    now += 6 * 60_000;
    expect((await run()).wrong).toEqual([
      { model: TINY_MODEL, problem: `Version ${first.version} answers; ${second.version} is in production.` },
    ]);
    await champions.refresh();
    expect((await run()).wrong).toEqual([]);
  });

  it("tells a package without golden rows as failed, and goes on to the other models", async () => {
    const other = tinyPackage({ model: "another" });
    await registerPackage(store, filesOf(other), { by: "test" });
    await promote(store, "another", other.version, "production", { by: "test" });
    await champions.refresh();
    await rm(store.path(`${packagePrefix("another", other.version)}golden.jsonl`));
    expect(await run()).toMatchObject({ models: 2, wrong: [], failed: [{ model: "another" }] });
  });
});
