/** What the functions of batch scoring have in common: the bucket, the registry, the log. */

import type { BatchModels, ResultPorts } from "../../core/batch/parts/batch-ports.ts";
import { RegistryModels } from "../../core/batch/parts/registry-models.ts";
import { readTrustedKeys } from "../../core/package/signature.ts";
import { type FunctionTelemetry, functionTelemetry } from "../adapters/function-telemetry.ts";
import { ObjectFolder } from "../adapters/object-folder.ts";
import { ObjectSource } from "../adapters/object-source.ts";
import { createS3Client } from "../adapters/s3-client.ts";
import { S3LargeObjectStore } from "../adapters/s3-large-object-store.ts";
import { requiredVariable } from "../environment.ts";
import { LogEvent } from "../log-events.ts";

/** A drop may wait for S3: it is tried again for about a minute before the state machine tries the whole function again. */
const attempts = 8;

export interface BatchWiring {
  readonly ports: ResultPorts;
  readonly telemetry: FunctionTelemetry;
}

/** The three functions count together: whichever of them ends a drop. */
const service = "batch";

export function wireBatch(): BatchWiring {
  const bucket = requiredVariable("LEADGAUGE_BUCKET", "the bucket that files are dropped into");
  const store = new S3LargeObjectStore(createS3Client({ maxAttempts: attempts }), bucket);
  return {
    telemetry: functionTelemetry(service, process.env.LEADGAUGE_STAGE ?? ""),
    ports: {
      store,
      openSource: (object) => new ObjectSource(store, object),
      openFolder: (prefix) => new ObjectFolder(store, prefix),
      now: () => new Date(),
    },
  };
}

export async function wireModels({ ports, telemetry }: BatchWiring): Promise<BatchModels> {
  return new RegistryModels({
    store: ports.store,
    trustedKeys: await readTrustedKeys(process.env.LEADGAUGE_MANIFEST_PUBLIC_KEYS ?? ""),
    onChange: (change) =>
      telemetry.log({
        message: LogEvent.model,
        level: change.problem === undefined ? "info" : "error",
        ...change,
      }),
  });
}
