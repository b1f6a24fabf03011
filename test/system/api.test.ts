import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureBundle } from "../../scripts/build.mjs";
import { type RunningServer, startServer } from "./server.ts";

const SCORE = "/v1/models/x-education/score";
let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** What the API answers with: each test says what it expects of it. */
// biome-ignore lint/suspicious/noExplicitAny: an answer is checked, not typed.
type Answer = any;

async function post(
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = { "content-type": "application/json" },
) {
  const response = await fetch(server.address + path, { method: "POST", body, headers });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer };
}

async function get(path: string): Promise<Answer> {
  return (await fetch(server.address + path)).json();
}

/** Sends bytes as they are, and gives all that comes back. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(server.address).port), "127.0.0.1");
  socket.end(bytes);
  return text(socket);
}

describe("the server of npm start", () => {
  it("prints its address, the models, and a line that works when it is pasted", async () => {
    expect(server.output()).toContain(`Leadgauge serves on ${server.address}`);
    for (const { name } of (await get("/v1/models")).models) expect(server.output()).toContain(`  ${name} `);
    const line = /Try it:\n(curl .+)\n/.exec(server.output())?.[1] as string;
    const score = JSON.parse(execFileSync("sh", ["-c", line], { encoding: "utf8" }));
    expect(score).toMatchObject({
      leadId: "L-1042",
      tier: expect.any(String),
      reasons: { raises: expect.any(Array) },
    });
    const { raises, lowers } = score.reasons;
    expect(raises.length + lowers.length).toBeGreaterThan(0);
  });

  it("serves the four shipped models, each of which scores its own example", async () => {
    const { models } = await get("/v1/models");
    const names = models.map(({ name }: { name: string }) => name);
    expect(names).toEqual(["codepro", "extraalearn", "real-estate", "x-education"]);
    for (const name of names) {
      const { exampleLead, tiers, card } = await get(`/v1/models/${name}`);
      const { status, body } = await post(
        `/v1/models/${name}/score?reasons=3`,
        JSON.stringify({ fields: exampleLead }),
      );
      expect(status).toBe(200);
      expect(body.warnings).toEqual([]);
      expect(tiers.map((tier: { name: string }) => tier.name)).toContain(body.tier);
      expect(card).toBeTypeOf("object");
    }
    expect(await get("/v1/health")).toMatchObject({ status: "ok" });
  });

  it("keeps reasons additive: baseline, contributions and the rest give the same sum for any number shown", async () => {
    const { exampleLead } = await get("/v1/models/x-education");
    const sums = await Promise.all(
      [1, 3, 20].map(async (reasons) => {
        const { body } = await post(`${SCORE}?reasons=${reasons}`, JSON.stringify({ fields: exampleLead }));
        const { raises, lowers, baseline, other } = body.reasons;
        const shown = [...raises, ...lowers].reduce(
          (sum: number, reason: { contribution: number }) => sum + reason.contribution,
          0,
        );
        return baseline + shown + other;
      }),
    );
    for (const sum of sums) expect(sum).toBeCloseTo(sums[0] as number, 9);
  });

  it("keeps outcomes over a restart", async () => {
    const outcomes = [
      { model: "x-education", leadId: "L-1", outcome: "1", occurredAt: "2026-01-31T09:30:00Z" },
    ];
    const send = () => post("/v1/outcomes", JSON.stringify({ outcomes }));
    const [first, health] = await Promise.all([send(), get("/v1/health")]);
    expect(first.body.results).toEqual([{ index: 0, leadId: "L-1", status: "recorded" }]);
    expect(health.status).toBe("ok");
    const { home } = server;
    const next = await startServer({}, home);
    const inUse = await fetch(`${next.address}/v1/outcomes`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ outcomes }),
    });
    expect(inUse.status).toBe(503);
    expect(await next.stop()).toBe(0);
    expect((await send()).body.summary.unchanged).toBe(1);
  });

  it("scores a file that is put into the watched folder", async () => {
    const store = join(server.home, "store", "batch");
    const { exampleLead } = await get("/v1/models/x-education");
    const cells = Object.values(exampleLead).map((value) => `"${String(value).replaceAll('"', '""')}"`);
    await writeFile(
      join(store, "in", "x-education", "leads.csv"),
      `${Object.keys(exampleLead)
        .map((name) => `"${name}"`)
        .join(",")}\n${cells.join(",")}\n`,
    );
    const manifest = join(store, "out", "x-education", "leads.csv", "manifest.json");
    await expect.poll(() => readFile(manifest, "utf8").catch(() => ""), { timeout: 30_000 }).not.toBe("");
    expect(JSON.parse(await readFile(manifest, "utf8")).rows).toMatchObject({
      in: 1,
      scored: 1,
      rejected: 0,
    });
  });

  it("logs one JSON line a request without what it carried", async () => {
    await post(SCORE, '{"leadId": "secret-lead", "fields": {"City": "secret-city"}}');
    const isLogged = () => server.output().includes('"path":"/v1/models/{model}/score","status":200');
    await expect.poll(isLogged, { timeout: 30_000 }).toBe(true);
    expect(server.output()).not.toMatch("secret");
  });
});

describe("hostile requests", () => {
  it.each<[string, string | Uint8Array<ArrayBuffer>, number]>([
    ["malformed JSON", '{"fields": {', 400],
    ["NaN", '{"fields": {"TotalVisits": NaN}}', 400],
    ["deep nesting", "[".repeat(1_000_000), 400],
    ["a key twice", '{"fields": {}, "fields": {}}', 400],
    ["half a surrogate pair", '{"fields": {"City": "\\udfff"}}', 400],
    ["bytes that are not UTF-8", new Uint8Array([0x7b, 0xff, 0x7d]), 400],
    ["nothing", "", 400],
    ["a number with group marks", '{"fields": {"TotalVisits": "1,234"}}', 422],
    ["a number of another country", '{"fields": {"Page Views Per Visit": "1.234,5"}}', 422],
    ["infinity", '{"fields": {"Page Views Per Visit": 1e999}}', 422],
    ["infinity as text", '{"fields": {"Page Views Per Visit": "Infinity"}}', 422],
    ["a NUL in a text", '{"fields": {"City": "\\u0000"}}', 422],
    ["a field twice, under two spellings", '{"fields": {"TotalVisits": 1, " totalvisits ": 2}}', 422],
    [
      "names of an object's own members",
      '{"fields": {"__proto__": 1, "constructor": 2, "hasOwnProperty": 3}}',
      200,
    ],
    ["6 MB", `{"fields": {"City": "${"x".repeat(6_000_000)}"}}`, 413],
    ["12 MB", `{"fields": {"City": "${"x".repeat(12_000_000)}"}}`, 413],
  ])("%s", async (_, sent, status) => {
    const answer = await post(SCORE, sent);
    expect(answer.status).toBe(status);
    if (status !== 200) {
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      expect(answer.body).toMatchObject({
        status,
        type: expect.stringMatching(/^urn:leadgauge:problem:/),
        title: expect.any(String),
      });
      expect(JSON.stringify(answer.body)).not.toMatch(/ at .*\.m?[jt]s/);
    }
  });

  it("what is not HTTP, and paths that try to leave", async () => {
    expect(await raw("GARBAGE\r\n\r\n")).toMatch(/^HTTP\/1.1 400 /);
    expect(await raw(`GET / HTTP/1.1\r\nHost: x\r\nX: ${"y".repeat(100_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 431 /,
    );
    for (const path of [
      "/v1/models/../../etc/passwd",
      "/v1/models/..%2f..%2fetc%2fpasswd",
      "//v1",
      "/%",
      "*",
    ]) {
      expect(await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).toMatch(
        /^HTTP\/1.1 404 /,
      );
    }
    const expectation = `POST ${SCORE} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n`;
    expect(await raw(expectation)).toMatch(/^HTTP\/1.1 413 /);
  });

  it("many at once, and the server is well afterwards", async () => {
    const bodies = ["{", '{"fields": {}}', "[]", `{"fields": {"City": "${"x".repeat(100_000)}"}}`];
    const sent = Array.from({ length: 200 }, (_, index) =>
      post(SCORE, bodies[index % bodies.length] as string),
    );
    const statuses = new Set((await Promise.all(sent)).map(({ status }) => status));
    expect([...statuses].sort()).toEqual([200, 400, 422]);
    expect(await get("/v1/health")).toMatchObject({ status: "ok" });
  });
});

describe("starting and stopping", () => {
  it.each([
    [
      "a port that is in use",
      () => ({ PORT: new URL(server.address).port }),
      /Port \d+ of 127.0.0.1 is in use.*PORT=/,
    ],
    ["a port that is none", () => ({ PORT: "http" }), /PORT is "http"/],
    ["a host that is none", () => ({ PORT: "0", HOST: "192.0.2.1" }), /HOST=192.0.2.1 is no address/],
  ])("says what is wrong with %s, in one line", async (_, environment, message) => {
    const child = spawn(process.execPath, [await ensureBundle("server")], {
      env: { ...process.env, LEADGAUGE_HOME: join(server.home, "other"), ...environment() },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const [stderr] = await Promise.all([text(child.stderr), once(child, "exit")]);
    expect(child.exitCode).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    await rm(join(server.home, "other"), { recursive: true, force: true });
  });
});
