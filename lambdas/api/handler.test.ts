import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { APIGatewayProxyEvent, APIGatewayProxyEventV2 } from "aws-lambda";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Outcome, OutcomesUnavailable } from "../../core/ports.ts";
import { Champions } from "../../core/registry/champions.ts";
import { promote, registerPackage } from "../../core/registry/register.ts";
import { DirectoryObjectStore } from "../../local/store/directory-object-store.ts";
import { filesOf, TINY_MODEL, tinyPackage } from "../../test/tiny-package.ts";
import { createHandler, type Handler } from "./handler.ts";
import type { LogEntry } from "./operation.ts";

const tiny = tinyPackage();
let store: DirectoryObjectStore;
let handler: Handler;
let entries: LogEntry[];
let recorded: Outcome[];
let isOutcomeStoreBroken = false;

beforeAll(async () => {
  store = new DirectoryObjectStore(await mkdtemp(join(tmpdir(), "leadgauge-api-")));
  await registerPackage(store, filesOf(tiny), { by: "test" });
  await promote(store, TINY_MODEL, tiny.version, "production", { by: "test" });
  handler = handlerOf(store);
});
afterAll(() => rm(store.root, { recursive: true, force: true }));
beforeEach(() => {
  entries = [];
  recorded = [];
  isOutcomeStoreBroken = false;
});

function handlerOf(objectStore: DirectoryObjectStore, allowedOrigins: readonly string[] = []): Handler {
  return createHandler({
    champions: new Champions({ store: objectStore, onChange: () => {} }),
    store: objectStore,
    outcomes: {
      async record(outcomes) {
        if (isOutcomeStoreBroken) throw new OutcomesUnavailable("The disk is full.");
        recorded.push(...outcomes);
        return outcomes.map(() => "recorded");
      },
    },
    log: (entry) => entries.push(entry),
    allowedOrigins,
  });
}

interface Sent {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  query?: Record<string, string[]>;
  isBase64Encoded?: boolean;
}

function eventOf(
  path: string,
  { method, body, headers, query, isBase64Encoded = false }: Sent,
): APIGatewayProxyEvent {
  const text = body === undefined || typeof body === "string" ? (body ?? null) : JSON.stringify(body);
  return {
    path,
    httpMethod: method ?? (body === undefined ? "GET" : "POST"),
    headers: headers ?? { "Content-Type": "application/json" },
    multiValueQueryStringParameters: query ?? null,
    requestContext: { requestId: "request-1", path: `/prod${path}` },
    body: text,
    isBase64Encoded,
  } as unknown as APIGatewayProxyEvent;
}

async function call(path: string, sent: Sent = {}, by = handler) {
  const result = await by(eventOf(path, sent));
  const headers = result.headers ?? {};
  const isJson = result.body !== "" && String(headers["content-type"]).endsWith("json");
  return {
    status: result.statusCode,
    headers,
    text: result.body,
    body: isJson ? JSON.parse(result.body) : undefined,
  };
}

const SCORE = `/v1/models/${TINY_MODEL}/score`;
const lead = { leadId: "L-1", fields: { Visits: 4, Source: "Web" } };

describe("scoring one lead", () => {
  it("answers with exactly what is promised, in that order", async () => {
    const { status, body, headers } = await call(SCORE, { body: lead, query: { reasons: ["3"] } });
    expect(status).toBe(200);
    expect(headers).toMatchObject({ "cache-control": "no-store", "x-request-id": "request-1" });
    expect(Object.keys(body)).toEqual(
      "leadId probability score percentile prediction tier action completeness reasons warnings model scoredAt requestId".split(
        " ",
      ),
    );
    expect(body).toMatchObject({
      leadId: "L-1",
      probability: expect.closeTo(0.7310585786300049, 9),
      score: 73,
      tier: "Hot",
      action: "Call",
      prediction: "yes",
      completeness: 1,
      reasons: {
        raises: [{ field: "Visits", value: 4, contribution: 1 }],
        lowers: [],
        baseline: 0,
        other: 0,
      },
      warnings: [],
      model: { name: TINY_MODEL, version: tiny.version },
      requestId: "request-1",
    });
    expect(new Date(body.scoredAt).toISOString()).toBe(body.scoredAt);
  });

  it("refuses to give reasons of a model that has none, and scores without", async () => {
    const other = new DirectoryObjectStore(await mkdtemp(join(tmpdir(), "leadgauge-api-")));
    const silent = tinyPackage({ noContributions: "its trees have linear leaves" });
    await registerPackage(other, filesOf(silent), { by: "test" });
    await promote(other, TINY_MODEL, silent.version, "production", { by: "test" });
    const by = handlerOf(other);
    for (const [path, body] of [
      [SCORE, lead],
      [`${SCORE}-batch`, { leads: [lead] }],
    ] as const) {
      const refused = await call(path, { body, query: { reasons: ["3"] } }, by);
      expect(refused.body).toMatchObject({
        type: "urn:leadgauge:problem:invalid-parameter",
        status: 400,
        parameter: "reasons",
        detail:
          'Query parameter "reasons": tiny gives no reasons: its trees have linear leaves. Leave reasons out, or ask for 0.',
      });
      for (const query of [{}, { reasons: ["0"] }]) {
        expect((await call(path, { body, query }, by)).status).toBe(200);
      }
    }
    const { body } = await call("/v1/models", {}, by);
    expect(body.models[0].noReasons).toBe("its trees have linear leaves");
    await rm(other.root, { recursive: true, force: true });
  });

  it("gives reasons only when asked, and null for a lead without an id", async () => {
    for (const query of [{}, { reasons: ["0"] }]) {
      const { body } = await call(SCORE, { body: { fields: {} }, query });
      expect(body).not.toHaveProperty("reasons");
      expect(body.leadId).toBeNull();
    }
    const { status, body } = await call(SCORE, { body: { leadId: null, fields: {} } });
    expect([status, body.leadId]).toEqual([200, null]);
  });

  it("warns of what is missing and unknown, whatever its name", async () => {
    const fields = JSON.parse('{"__proto__": "x", "constructor": 1, "toString": null, "Source": "Web"}');
    const { status, body } = await call(SCORE, { body: { fields } });
    expect(status).toBe(200);
    expect(body.warnings).toMatchObject([
      { code: "missing_fields", fields: ["Visits"] },
      { code: "unknown_fields", fields: ["__proto__", "constructor", "toString"] },
    ]);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it("names the fields that cannot be used by pointer", async () => {
    const { status, body, headers } = await call(SCORE, { body: { fields: { Visits: "1,234" } } });
    expect(status).toBe(422);
    expect(headers["content-type"]).toBe("application/problem+json");
    expect(body).toMatchObject({
      type: "urn:leadgauge:problem:invalid-lead",
      status: 422,
      instance: "request-1",
      errors: [{ pointer: "/fields/Visits", code: "invalid_number" }],
    });
    const nested = await call(SCORE, { body: { fields: { Visits: {}, "a/b~c": [1] } } });
    expect(nested.body.errors).toMatchObject([
      { pointer: "/fields/Visits", code: "invalid_type" },
      { pointer: "/fields/a~1b~0c", code: "invalid_type" },
    ]);
  });
});

describe("bodies that are not what is asked for", () => {
  it.each<[string, string, number, object]>([
    ["nothing", "", 400, { line: 1, column: 1 }],
    ["malformed JSON", '{"fields": {\n"a": NaN}}', 400, { line: 2, column: 6 }],
    ["a key twice", '{"fields": {"a": 1, "a": 2}}', 400, { line: 1, column: 21 }],
    ["deep nesting", `{"fields": ${"[".repeat(100_000)}`, 400, {}],
    ["half a surrogate pair", '{"fields": {"a": "\\ud800"}}', 400, {}],
    ["an array", "[]", 422, { errors: [{ pointer: "" }] }],
    ["a text", '"x"', 422, { errors: [{ pointer: "" }] }],
    ["null", "null", 422, {}],
    ["no fields", "{}", 422, { errors: [{ pointer: "/fields" }] }],
    ["fields that are none", '{"fields": []}', 422, { errors: [{ pointer: "/fields" }] }],
    ["an unknown member", '{"fields": {}, "feilds": {}}', 422, { errors: [{ pointer: "/feilds" }] }],
    ["an id that is a number", '{"leadId": 7, "fields": {}}', 422, { errors: [{ pointer: "/leadId" }] }],
    ["an id with a NUL", '{"leadId": "\\u0000", "fields": {}}', 422, { errors: [{ pointer: "/leadId" }] }],
    ["an id that is too long", `{"leadId": "${"x".repeat(257)}", "fields": {}}`, 422, {}],
    ["too large", `{"fields": {"a": "${"x".repeat(5 * 1024 * 1024)}"}}`, 413, {}],
    ["too large in bytes", `{"fields": {"a": "${"ä".repeat(2_700_000)}"}}`, 413, {}],
  ])("%s", async (_, text, status, expected) => {
    const answer = await call(SCORE, { body: text, method: "POST" });
    expect(answer.status).toBe(status);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(answer.body).toMatchObject({ status, instance: "request-1", ...expected });
    expect(answer.text.length).toBeLessThan(2_000);
  });

  it("takes JSON in UTF-8 only, as text or in base64", async () => {
    const types = [
      "text/plain",
      "application/x-www-form-urlencoded",
      "application/json; charset=latin1",
      "",
      "application/jsonx",
    ];
    for (const type of types) {
      expect((await call(SCORE, { body: lead, headers: { "content-type": type } })).status).toBe(415);
    }
    expect((await call(SCORE, { body: lead, headers: {} })).status).toBe(415);
    const gzip = { "content-type": "application/json", "Content-Encoding": "gzip" };
    expect((await call(SCORE, { body: lead, headers: gzip })).status).toBe(415);
    for (const type of [
      "application/json",
      "Application/JSON; charset=UTF-8",
      'application/json;charset="utf-8"',
    ]) {
      expect((await call(SCORE, { body: lead, headers: { "CONTENT-TYPE": type } })).status).toBe(200);
    }
    const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
    const encoded = { body: base64(Buffer.from(JSON.stringify(lead))), isBase64Encoded: true };
    expect((await call(SCORE, encoded)).status).toBe(200);
    const latin1 = {
      body: base64(Buffer.from('{"fields": {"Source": "\xe9"}}', "latin1")),
      isBase64Encoded: true,
    };
    expect((await call(SCORE, latin1)).body).toMatchObject({ status: 400, detail: "The body is not UTF-8." });
  });

  it("never fails, whatever is sent", async () => {
    const bodies = fc.oneof(
      fc.json(),
      fc.string({ unit: "binary" }),
      fc.object().map((fields) => JSON.stringify({ fields })),
    );
    await fc.assert(
      fc.asyncProperty(
        bodies,
        fc.constantFrom(SCORE, `${SCORE}-batch`, "/v1/outcomes"),
        async (body, path) => {
          const { status } = await call(path, { body, method: "POST" });
          expect([200, 400, 422]).toContain(status);
        },
      ),
    );
    // A hundred bodies; on a busy machine they take their time.
  }, 30_000);
});

describe("parameters and paths", () => {
  it.each(["21", "-1", "x", "3.0", "", "1e1", "١"])("refuses %j reasons", async (reasons) => {
    const { status, body } = await call(SCORE, { body: lead, query: { reasons: [reasons] } });
    expect([status, body.parameter]).toEqual([400, "reasons"]);
  });

  it("refuses parameters that are given twice or do not exist", async () => {
    const twice = await call(SCORE, { body: lead, query: { reasons: ["1", "2"] } });
    expect(twice.body).toMatchObject({ status: 400, parameter: "reasons" });
    const unknown = await call(SCORE, { body: lead, query: { reason: ["1"] } });
    expect(unknown.body).toMatchObject({ status: 400, parameter: "reason" });
  });

  it.each([
    "/v1/models/nothing/score",
    "/v1/models/..%2F..%2Fetc/score",
    "/v1/models/../score",
    "/v1/models/%00/score",
    "/v1/models/%zz/score",
    "/v1/models/TINY/score",
    `/v1/models/${"a".repeat(100)}/score`,
  ])("has no model at %s", async (path) => {
    expect((await call(path, { body: lead })).body).toMatchObject({
      status: 404,
      type: "urn:leadgauge:problem:unknown-model",
    });
  });

  it.each(["/nothing", "/v1", "/v1/models/", `${SCORE}/`, "//", "/v1/models//score"])(
    "has nothing at %s",
    async (path) => {
      expect((await call(path, { method: "GET" })).body).toMatchObject({
        status: 404,
        type: "urn:leadgauge:problem:not-found",
      });
    },
  );

  it("names the methods that a path has", async () => {
    for (const method of ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "HEAD", "BREW"]) {
      const { status, headers } = await call(SCORE, { method });
      expect([status, headers.allow]).toEqual([405, "POST"]);
    }
    const { status, headers } = await call("/v1/models", { method: "POST", body: {} });
    expect([status, headers.allow]).toEqual([405, "GET, HEAD"]);
    expect(await call("/v1/models", { method: "HEAD" })).toMatchObject({ status: 200, text: "" });
  });
});

describe("scoring a batch", () => {
  it("answers for each lead in order; a bad one does not fail its neighbours", async () => {
    const leads = [
      lead,
      { leadId: "bad", fields: { Visits: "many" } },
      7,
      { leadId: "shapeless" },
      { fields: { Visits: 0 } },
    ];
    const { status, body } = await call(`${SCORE}-batch`, { body: { leads }, query: { reasons: ["1"] } });
    expect(status).toBe(200);
    expect(body.results).toMatchObject([
      { index: 0, leadId: "L-1", status: "scored", score: 73, reasons: { raises: [{ field: "Visits" }] } },
      {
        index: 1,
        leadId: "bad",
        status: "rejected",
        errors: [{ pointer: "/leads/1/fields/Visits", code: "invalid_number" }],
      },
      { index: 2, leadId: null, status: "rejected", errors: [{ pointer: "/leads/2" }] },
      { index: 3, leadId: "shapeless", status: "rejected", errors: [{ pointer: "/leads/3/fields" }] },
      { index: 4, leadId: null, status: "scored", tier: "Cold" },
    ]);
    expect(body.summary).toEqual({ leads: 5, scored: 2, rejected: 3 });
    expect(body.model).toEqual({ name: TINY_MODEL, version: tiny.version });
  });

  it("takes 1 to 500 leads", async () => {
    const batch = (length: number) =>
      call(`${SCORE}-batch`, { body: { leads: Array.from({ length }, () => lead) } });
    expect((await batch(500)).body.summary.scored).toBe(500);
    for (const length of [0, 501]) {
      expect((await batch(length)).body).toMatchObject({ status: 422, errors: [{ pointer: "/leads" }] });
    }
  });
});

describe("outcomes", () => {
  const outcome = {
    model: TINY_MODEL,
    leadId: "L-1",
    outcome: "1",
    occurredAt: "2026-01-31T09:30:00+01:00",
    value: 5,
  };

  it("records what is right and rejects the rest, each by itself", async () => {
    const outcomes = [
      { ...outcome, model: "nothing" },
      outcome,
      { ...outcome, outcome: "maybe", occurredAt: "soon" },
      { ...outcome, leadId: "" },
    ];
    const { status, body } = await call("/v1/outcomes", { body: { outcomes } });
    expect(status).toBe(200);
    expect(body.results).toMatchObject([
      {
        index: 0,
        leadId: "L-1",
        status: "rejected",
        errors: [{ pointer: "/outcomes/0/model", code: "unknown_model" }],
      },
      { index: 1, leadId: "L-1", status: "recorded" },
      {
        index: 2,
        status: "rejected",
        errors: [{ pointer: "/outcomes/2/outcome" }, { pointer: "/outcomes/2/occurredAt" }],
      },
      { index: 3, status: "rejected", errors: [{ pointer: "/outcomes/3/leadId" }] },
    ]);
    expect(body.summary).toEqual({
      outcomes: 4,
      recorded: 1,
      unchanged: 0,
      updated: 0,
      superseded: 0,
      rejected: 3,
    });
    expect(recorded).toEqual([{ ...outcome, outcome: "yes", occurredAt: "2026-01-31T08:30:00.000Z" }]);
  });

  it("says so when they cannot be recorded", async () => {
    isOutcomeStoreBroken = true;
    const { status, headers } = await call("/v1/outcomes", { body: { outcomes: [outcome] } });
    expect([status, headers["retry-after"]]).toEqual([503, "10"]);
    expect(entries.some(({ error }) => error === "The disk is full.")).toBe(true);
  });
});

describe("models, health and documents", () => {
  it("lists the models and describes one", async () => {
    const list = await call("/v1/models");
    expect(list.body.models).toMatchObject([
      { name: TINY_MODEL, version: tiny.version, number: 1, task: "binary" },
    ]);
    const { body } = await call(`/v1/models/${TINY_MODEL}`);
    expect(body).toMatchObject({
      ...list.body.models[0],
      family: "logistic-regression",
      metrics: { logLoss: 0.5 },
      card: { title: "A tiny model" },
      tiers: [
        { name: "Hot", minimumProbability: 0.5 },
        { name: "Cold", minimumProbability: null },
      ],
      inputSchema: { type: "object", properties: { Visits: {}, Source: {} } },
    });
    expect(body.exampleLead).toEqual({ Visits: 2 });
    expect((await call(SCORE, { body: { fields: body.exampleLead } })).body.warnings).toEqual([]);
  });

  it("is well, or says what is wrong", async () => {
    expect((await call("/v1/health")).body).toEqual({
      status: "ok",
      models: [{ model: TINY_MODEL, status: "ok", version: tiny.version }],
    });
    const empty = new DirectoryObjectStore(join(store.root, "empty"));
    const nothing = handlerOf(empty);
    expect(await call("/v1/health", {}, nothing)).toMatchObject({
      status: 503,
      body: { status: "unavailable" },
    });
    expect(await call(SCORE, { body: lead }, nothing)).toMatchObject({
      status: 503,
      headers: { "retry-after": "5" },
    });
  });

  it("says which file of a served package was damaged, and goes on scoring", async () => {
    const other = new DirectoryObjectStore(join(store.root, "damaged"));
    await registerPackage(other, filesOf(tiny), { by: "test" });
    await promote(other, TINY_MODEL, tiny.version, "production", { by: "test" });
    const handler = handlerOf(other);
    expect((await call(SCORE, { body: lead }, handler)).status).toBe(200);
    await other.put(`model-artifacts/${TINY_MODEL}/versions/${tiny.version}/card.json`, Buffer.from("{}"));
    expect(await call(`/v1/models/${TINY_MODEL}`, {}, handler)).toMatchObject({
      status: 503,
      body: {
        type: "urn:leadgauge:problem:model-unavailable",
        detail: expect.stringContaining("card.json"),
      },
    });
    expect((await call("/v1/openapi.json", {}, handler)).status).toBe(200);
    expect((await call(SCORE, { body: lead }, handler)).status).toBe(200);
  });

  it("describes itself in OpenAPI 3.1 and 3.0, every reference resolved, with examples that work", async () => {
    for (const version of ["3.1", "3.0"]) {
      const { body, text } = await call("/v1/openapi.json", { query: { version: [version] } });
      expect(body.openapi).toMatch(version);
      expect(body.servers).toEqual([{ url: "/prod" }]);
      const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
        ([, name]) => name,
      );
      expect(references.length).toBeGreaterThan(10);
      for (const name of references) expect(body.components.schemas).toHaveProperty(name as string);
      for (const schema of Object.values<object>(body.components.schemas))
        expect(schema).toHaveProperty("type");
      expect(text).not.toMatch(/"\$defs"|"definitions"|"\$schema"/);
      if (version === "3.0") expect(text).not.toMatch(/"type":\[|"const"|"type":"null"/);
      for (const [path, id] of [
        ["/v1/models/{model}/score", TINY_MODEL],
        ["/v1/models/{model}/score-batch", TINY_MODEL],
      ] as const) {
        const { value } = body.paths[path].post.requestBody.content["application/json"].examples[id];
        expect((await call(path.replace("{model}", id), { body: value })).status).toBe(200);
      }
    }
  });

  it("gives a page that loads nothing from elsewhere", async () => {
    for (const path of ["/", "/docs"]) {
      const { headers, text } = await call(path);
      expect(headers["content-security-policy"]).toMatch(
        /^default-src 'none'; connect-src 'self'; .*script-src 'sha256-/,
      );
      expect(text).not.toMatch(/(?:src|href)="https?:/);
      expect(text).not.toMatch(/ style=| on[a-z]+=/);
    }
  });
});

describe("the handler", () => {
  it("logs a request without what it carried", async () => {
    await call(SCORE, { body: { leadId: "secret-id", fields: { Visits: "secret-value" } } });
    expect(entries).toMatchObject([
      {
        message: "request",
        requestId: "request-1",
        method: "POST",
        path: "/v1/models/{model}/score",
        status: 422,
        level: "info",
      },
    ]);
    expect(JSON.stringify(entries)).not.toMatch("secret");
  });

  it("answers its own faults without telling what happened, and logs where", async () => {
    const broken = createHandler({
      champions: {
        current: () => {
          throw new TypeError("secret-value");
        },
      } as unknown as Champions,
      store,
      outcomes: { record: async () => [] },
      log: (entry) => entries.push(entry),
    });
    const { status, text } = await call(SCORE, { body: lead }, broken);
    expect(status).toBe(500);
    expect(text + JSON.stringify(entries)).not.toMatch("secret");
    expect(text).not.toMatch("handler.test");
    expect(entries[0]).toMatchObject({
      message: "unexpected error",
      error: "TypeError",
      stack: expect.stringMatching("handler.test"),
    });
  });

  it("understands events of HTTP APIs as well", async () => {
    const event = {
      version: "2.0",
      rawPath: `/prod${SCORE}`,
      rawQueryString: "reasons=1",
      headers: { "content-type": "application/json" },
      requestContext: { requestId: "request-2", stage: "prod", http: { method: "POST" } },
      body: JSON.stringify(lead),
      isBase64Encoded: false,
    } as unknown as APIGatewayProxyEventV2;
    expect(JSON.parse((await handler(event)).body)).toMatchObject({
      score: 73,
      requestId: "request-2",
      reasons: {},
    });
  });

  it("lets browsers of other origins in only where they are configured", async () => {
    const origin = "https://crm.example";
    const preflight = { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } };
    expect((await call(SCORE, preflight)).status).toBe(405);
    expect((await call("/v1/health", { headers: { origin } })).headers).not.toHaveProperty(
      "access-control-allow-origin",
    );
    const open = handlerOf(store, [origin]);
    expect(await call(SCORE, preflight, open)).toMatchObject({
      status: 204,
      headers: {
        "access-control-allow-origin": origin,
        "access-control-allow-methods": "POST",
        vary: "origin",
      },
    });
    const other = await call("/v1/health", { headers: { origin: "https://evil.example" } }, open);
    expect(other.headers).not.toHaveProperty("access-control-allow-origin");
  });
});
