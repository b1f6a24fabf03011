import fc from "fast-check";
import { expect, it } from "vitest";
import { byRank } from "./block-result.ts";
import { TopRows } from "./top-rows.ts";

it("keeps the best rows in order, whatever order they come in", () => {
  const ranked = fc.record({ score: fc.nat(5), probability: fc.nat(3) });
  fc.assert(
    fc.property(fc.array(ranked, { maxLength: 60 }), fc.integer({ min: 1, max: 12 }), (scores, limit) => {
      const rows = scores.map((each, row) => ({ ...each, row, start: 0, end: 0 }));
      const top = new TopRows<number>(limit);
      for (const row of rows) top.offer(row, 0, () => row.row);
      const expected = rows.toSorted(byRank).slice(0, limit);
      expect(top.sorted()).toEqual(expected.map(({ row }) => row));
    }),
  );
});
