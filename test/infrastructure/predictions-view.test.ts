import { beforeAll, describe, expect, it } from "vitest";
import type { PredictionRow } from "../../core/capture/prediction.ts";
import { predictionsTable } from "../../lib/config/predictions-table.ts";
import { predictionsOnce } from "../predictions-once.ts";
import { resourcesOf, stacksOf } from "./synthesise.ts";

function row(id: string, scoredAt: string): PredictionRow {
  return {
    ...{ prediction_id: id, request_id: "r", lead_id: null, model: "m", model_version: "1" },
    ...{ scored_at: scoredAt, fields: '{"Name":"Ünal"}', probability: 0.25, score: 25, percentile: 40 },
    ...{ prediction: "no", tier: "Cold", action: "Write", completeness: 1, probabilities: null },
    warnings: "[]",
  };
}

describe("the view of predictions without copies", () => {
  // biome-ignore lint/suspicious/noExplicitAny: the template's own JSON.
  let input: any;
  let view: { readonly originalSql: string; readonly columns: object[] };
  beforeAll(() => {
    const lake = stacksOf("dev").filter(({ purpose }) => purpose === "data-lake");
    const tables = resourcesOf(lake, "AWS::Glue::Table").map(({ Properties }) => Properties.TableInput);
    input = tables.find(({ TableType }) => TableType === "VIRTUAL_VIEW");
    const [, base64 = ""] = /^\/\* Presto View: ([A-Za-z0-9+/=]+) \*\/$/.exec(input.ViewOriginalText) ?? [];
    view = JSON.parse(Buffer.from(base64, "base64").toString());
  });

  it("has the form in which Athena keeps a view, and the table's columns", () => {
    expect(input).toMatchObject({
      Name: "predictions_once",
      Parameters: { presto_view: "true" },
      ViewExpandedText: "/* Presto View */",
      PartitionKeys: [],
    });
    expect(view).toMatchObject({ catalog: "awsdatacatalog", schema: "leadgauge_dev" });
    const types: Record<string, string> = { string: "varchar", double: "double", int: "integer" };
    const columns = predictionsTable.columns.map(({ name, type }) => ({ name, type: types[type] }));
    expect(view.columns).toEqual(columns);
    const inCatalog = input.StorageDescriptor.Columns as { Name: string; Type: string }[];
    expect(inCatalog.map(({ Name, Type }) => ({ name: Name, type: types[Type] }))).toEqual(columns);
  });

  it("shows each prediction once, whole, wherever its copies lie", async () => {
    const [inTime, late, overTheHour] = [
      row("r-0", "2026-11-21T13:00:00.000Z"),
      row("r-1", "2026-11-21T13:10:00.000Z"),
      row("r-2", "2026-11-21T23:59:59.999Z"),
    ];
    const shown = await predictionsOnce(view.originalSql, [
      { hour: "2026-11-21-13", rows: [inTime, late] },
      // Firehose delivered it again, and the queue did.
      { hour: "2026-11-21-13", rows: [late, late] },
      { hour: "2026-11-22-00", rows: [overTheHour] },
      { hour: "2026-11-21-23", rows: [overTheHour] },
    ]);
    expect(
      shown.sort((one, other) => String(one.prediction_id).localeCompare(String(other.prediction_id))),
    ).toEqual([inTime, late, overTheHour]);
  });

  it("shows nothing of nothing", async () => {
    expect(await predictionsOnce(view.originalSql, [])).toEqual([]);
  });
});
