import { Stack } from "aws-cdk-lib";
import { CfnDatabase, CfnTable } from "aws-cdk-lib/aws-glue";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { resourceNames } from "../config/names.ts";
import { DELIVERED_HOUR_FORMAT, predictionsTable } from "../config/predictions-table.ts";
import { prefixes } from "../config/prefixes.ts";
import type { StageConfig } from "../config/stage-config.ts";
import { PredictionsView } from "./predictions-view.ts";

export interface CatalogProps {
  readonly config: StageConfig;
  readonly bucket: Bucket;
}

/** What is in the data lake, for whoever queries it: a database with the table of captured predictions and a view of it without copies. */
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
        description: `Predictions with the fields as they were scored. Copies share their prediction_id: count and join the view ${names.predictionsView}`,
        tableType: "EXTERNAL_TABLE",
        parameters: { classification: "parquet", ...projection(location) },
        partitionKeys: [predictionsTable.partitionKey],
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
    const view = new PredictionsView(this, "PredictionsOnce", { config });
    view.table.addResourceDependency(this.database);
  }
}

/** Queries compute the partitions from this, hour by hour until now: no crawler has to find them. */
function projection(location: string): Record<string, string> {
  const { name } = predictionsTable.partitionKey;
  return {
    "projection.enabled": "true",
    [`projection.${name}.type`]: "date",
    [`projection.${name}.format`]: DELIVERED_HOUR_FORMAT,
    [`projection.${name}.range`]: "2026-01-01-00,NOW",
    [`projection.${name}.interval`]: "1",
    [`projection.${name}.interval.unit`]: "HOURS",
    "storage.location.template": `${location}${name}=\${${name}}/`,
  };
}
