import { describe, expect, it } from "vitest";
import { readOutcome } from "./read-outcome.ts";

const classes = [
  { name: "no", values: ["no", "0"] },
  { name: "yes", values: ["yes", "1", "TRUE"] },
];
const now = new Date("2026-06-01T00:00:00Z");
const given = { model: "m", leadId: "a", outcome: "yes", occurredAt: "2026-05-01T10:00:00+05:30" };

const read = (changes: object) => readOutcome({ ...given, ...changes }, classes, now);
const codes = (changes: object) => {
  const result = read(changes);
  return "faults" in result ? result.faults.map(({ code }) => code) : [];
};

describe("readOutcome", () => {
  it("stores the class and the moment in UTC", () => {
    const outcome = { model: "m", leadId: "a", outcome: "yes", occurredAt: "2026-05-01T04:30:00.000Z" };
    expect(read({})).toEqual({ outcome });
    expect(read({ value: 0 })).toEqual({ outcome: { ...outcome, value: 0 } });
  });

  it("takes the values that mean a class, as labels are read", () => {
    for (const outcome of ["1", 1, true, " True ", "YES"]) {
      expect(read({ outcome })).toMatchObject({ outcome: { outcome: "yes" } });
    }
    for (const outcome of ["maybe", "", 2, false, "1.0"])
      expect(codes({ outcome })).toEqual(["unknown_outcome"]);
  });

  it("refuses what is no moment with a zone", () => {
    const bad = [
      "2026-05-01",
      "2026-05-01T10:00:00",
      "2026-02-30T10:00:00Z",
      "2026-05-01T25:00:00Z",
      "2026-13-01T00:00:00Z",
      "yesterday",
      "",
      "2026-05-01T10:00:00+99:00",
      "0000-01-01T00:00:00Z",
    ];
    for (const occurredAt of bad)
      expect([occurredAt, codes({ occurredAt })]).toEqual([occurredAt, ["invalid_timestamp"]]);
    for (const occurredAt of ["2024-02-29T23:59Z", "2026-05-01T10:00:00.123456789-08:00"])
      expect(codes({ occurredAt })).toEqual([]);
  });

  it("refuses the future, a day of clock differences aside", () => {
    expect(codes({ occurredAt: "2026-06-01T23:59:59Z" })).toEqual([]);
    expect(codes({ occurredAt: "2026-06-02T00:00:01Z" })).toEqual(["in_the_future"]);
  });

  it("tells everything that is wrong at once", () => {
    const changes = { outcome: "x", occurredAt: "x", value: Number.POSITIVE_INFINITY };
    expect(codes(changes)).toEqual(["unknown_outcome", "invalid_timestamp", "invalid_number"]);
  });
});
