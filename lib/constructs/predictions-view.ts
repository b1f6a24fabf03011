import { Stack } from "aws-cdk-lib";
import { CfnTable } from "aws-cdk-lib/aws-glue";
import { Construct } from "constructs";
import { resourceNames } from "../config/names.ts";
import { predictionsOnceSql, predictionsTable } from "../config/predictions-table.ts";
import type { StageConfig } from "../config/stage-config.ts";

/** How Athena's engine calls the types of Glue's columns. */
const TRINO_TYPES = { string: "varchar", double: "double", int: "integer" } as const;

/** The table of predictions with one row of each, as a view for Athena. */
export class PredictionsView extends Construct {
  readonly table: CfnTable;

  constructor(scope: Construct, id: string, { config }: { readonly config: StageConfig }) {
    super(scope, id);
    const names = resourceNames(config.name);
    const view = {
      originalSql: predictionsOnceSql(names.predictionsTable),
      catalog: "awsdatacatalog",
      schema: names.catalogDatabase,
      columns: predictionsTable.columns.map(({ name, type }) => ({ name, type: TRINO_TYPES[type] })),
    };
    this.table = new CfnTable(this, "View", {
      catalogId: Stack.of(this).account,
      databaseName: names.catalogDatabase,
      // The form in which Athena itself writes a view into the catalog.
      tableInput: {
        name: names.predictionsView,
        description: "Predictions with the fields as they were scored, one row a prediction",
        tableType: "VIRTUAL_VIEW",
        parameters: { presto_view: "true", comment: "Presto View" },
        viewOriginalText: `/* Presto View: ${Buffer.from(JSON.stringify(view)).toString("base64")} */`,
        viewExpandedText: "/* Presto View */",
        partitionKeys: [],
        storageDescriptor: { columns: [...predictionsTable.columns], serdeInfo: {} },
      },
    });
  }
}
