import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { acceptBatch, acceptLead, acceptReasons } from "./accept-request.ts";
import { MAXIMUM_LEADS_PER_BATCH } from "./limits.ts";
import { batch, lead, reasonsQuery } from "./schemas.ts";

const value = fc.oneof(
  fc.string({ unit: "binary", maxLength: 4 }),
  fc.double(),
  fc.constantFrom(
    null,
    undefined,
    true,
    "x".repeat(256),
    "x".repeat(257),
    "L\n1",
    "\ud800",
    [],
    {},
    { a: 1 },
  ),
);
const name = fc.constantFrom("leadId", "fields", "leads", "a", "__proto__", "toString");
const object = (of: fc.Arbitrary<unknown>) =>
  fc.array(fc.tuple(name, of), { maxLength: 3 }).map((members) => Object.fromEntries(members));
const anyBody = fc.oneof(
  value,
  object(fc.oneof(value, object(value))),
  fc.record({ leadId: value, fields: object(value) }, { requiredKeys: ["fields"] }),
  fc.record({ leads: fc.array(fc.oneof(value, object(value)), { maxLength: 3 }) }),
);

describe.each([
  { about: "a lead", accept: acceptLead, schema: lead },
  { about: "a batch", accept: acceptBatch, schema: batch },
])("$about", ({ accept, schema }) => {
  it("is only accepted where the schema takes it for the same", () => {
    let accepted = 0;
    fc.assert(
      fc.property(anyBody, (body) => {
        const found = accept(body);
        if (found === undefined) return;
        accepted++;
        expect(schema.safeParse(body)).toEqual({ success: true, data: found });
      }),
      { numRuns: 3_000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});

it("accepts the usual bodies", () => {
  expect(acceptLead({ leadId: "L-1", fields: { Visits: 3, Source: null } })).toBeDefined();
  expect(acceptLead({ fields: {} })).toBeDefined();
  expect(acceptBatch({ leads: Array(MAXIMUM_LEADS_PER_BATCH).fill(1) })).toBeDefined();
  expect(acceptBatch({ leads: Array(MAXIMUM_LEADS_PER_BATCH + 1).fill(1) })).toBeUndefined();
});

it.each(["0", "3", "03", "20", "21", "-1", "1e1", " 3", "", "x"])(
  "reasons=%s is accepted as the schema takes it",
  (reasons) => {
    const { success, data } = reasonsQuery.safeParse({ reasons });
    expect(acceptReasons({ reasons: [reasons] })).toEqual(success ? data : undefined);
  },
);

it("accepts a query without reasons, and leaves others to the schema", () => {
  expect(acceptReasons({})).toEqual(reasonsQuery.parse({}));
  expect(acceptReasons({ other: ["1"] })).toBeUndefined();
  expect(acceptReasons({ reasons: ["1", "2"] })).toBeUndefined();
});
