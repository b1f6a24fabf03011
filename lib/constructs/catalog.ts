import { Stack } from "aws-cdk-lib";
import { CfnDatabase, CfnTable } from "aws-cdk-lib/aws-glue";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { resourceNames } from "../config/names.ts";
import { predictionsTable } from "../config/predictions-table.ts";
import { prefixes } from "../config/prefixes.ts";
import type { StageConfig } from "../config/stage-config.ts";

export interface CatalogProps {
  readonly config: StageConfig;
  readonly bucket: Bucket;
}

/** What is in the data lake, for whoever queries it: a database with the table of captured predictions. */
export class Catalog extends Construct {
  readonly database: CfnDatabase;
  readonly predictions: CfnTable;

  constructor(scope: Construct, id: string, { config, bucket }: CatalogProps) {
    super(scope, id);
    const { account } = Stack.of(this);
    const names = resourceNames(config.name);
    this.database = new CfnDatabase(this, "Database", {
      catalogId: account,
      databaseInput: { name: names.catalogDatabase, description: `Leadgauge ${config.name}` },
    });
    const location = `s3://${bucket.bucketName}/${prefixes.predictions}`;
    this.predictions = new CfnTable(this, "Predictions", {
      catalogId: account,
      databaseName: names.catalogDatabase,
      tableInput: {
        name: names.predictionsTable,
        description:
          "Predictions with the fields as they were scored. Copies share their prediction_id: count and join one of them (docs/deploy.md)",
        tableType: "EXTERNAL_TABLE",
        parameters: { classification: "parquet", ...projection(location) },
        partitionKeys: [...predictionsTable.partitionKeys],
        storageDescriptor: {
          location,
          columns: [...predictionsTable.columns],
          inputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
          outputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
          serdeInfo: {
            serializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
          },
        },
      },
    });
    this.predictions.addResourceDependency(this.database);
  }
}

/** Queries compute the partitions from these ranges: no crawler has to find them. */
function projection(location: string): Record<string, string> {
  const ranges = {
    year: { range: "2024,2099", digits: "4" },
    month: { range: "1,12", digits: "2" },
    day: { range: "1,31", digits: "2" },
    hour: { range: "0,23", digits: "2" },
  } satisfies Record<(typeof predictionsTable.partitionKeys)[number]["name"], unknown>;
  const settings = Object.entries(ranges).flatMap(([name, { range, digits }]) => [
    [`projection.${name}.type`, "integer"],
    [`projection.${name}.range`, range],
    [`projection.${name}.digits`, digits],
  ]);
  const folders = predictionsTable.partitionKeys.map(({ name }) => `${name}=\${${name}}/`).join("");
  return {
    "projection.enabled": "true",
    ...Object.fromEntries(settings),
    "storage.location.template": `${location}${folders}`,
  };
}
