import { manifestName } from "../../../core/batch/drop-name.ts";
import type { DropManifest } from "../../../core/batch/manifest.ts";
import { type DropKey, dropKeyOf } from "../../../core/batch/parts/drop-key.ts";
import { readPlan } from "../../../core/batch/parts/drop-plan.ts";
import type { ObjectStore } from "../../../core/ports.ts";
import { createS3Client } from "../../../lambdas/adapters/s3-client.ts";
import { S3LargeObjectStore } from "../../../lambdas/adapters/s3-large-object-store.ts";
import { BatchMachine } from "../aws/batch-machine.ts";
import { explained } from "../aws/explain-aws-error.ts";
import type { ParsedCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { bucketOf } from "../store-reference.ts";
import { UsageError } from "../usage-error.ts";

export const batch: ParsedCommand = {
  summary: "Scores a dropped file that failed once more: only the parts that are missing.",
  operands: ["redrive", "DROP"],
  options: {
    store: { value: "s3://BUCKET", help: "the data lake of a deployed Leadgauge", isRequired: true },
    rescore: { help: "score it with the version that serves now, even if it has results of another one" },
    "no-wait": { help: "start it and do not wait for the results" },
  },
  notes: [
    "DROP is the dropped file (batch/in/MODEL/NAME.csv), the folder of its results (batch/out/MODEL/NAME.csv/), or the drop's id in the logs.",
    "Exit codes: 0 scored, 1 not scored for a reason that lies with the service, 2 nothing in the file could be scored, 3 more rejected rows than the tolerance.",
  ].join("\n"),
  run: async ({ operands, values, switches }) => {
    const [action, reference = ""] = operands;
    if (action !== "redrive") throw new UsageError(`batch has no "${action}". See: leadgauge batch --help`);
    const bucket = bucketOf(values.get("store") ?? "");
    const store = explained(new S3LargeObjectStore(createS3Client(), bucket));
    const drop = await findDrop(store, reference);
    if (!(await store.head(drop.key)))
      throw new UsageError(`There is no ${drop.key} in ${bucket}: it was removed, or never dropped.`);
    const machine = await BatchMachine.ofBucket(bucket);
    const execution = await machine.start(drop.key, switches.has("rescore"));
    process.stdout.write(`${drop.key}: ${execution}\n`);
    if (switches.has("no-wait")) return exitCodes.success;
    const { status, output } = await machine.ended(execution);
    if (output.reason === "already-scored") process.stdout.write("It has its results already.\n");
    if (output.reason === "superseded")
      process.stdout.write("Another file has taken its place, and is scored by itself.\n");
    return report(await readManifest(store, drop), status, drop);
  },
};

async function findDrop(store: ObjectStore, reference: string): Promise<DropKey> {
  const plan = /^[0-9a-f]{32}$/.test(reference) ? await readPlan(store, reference) : undefined;
  const drop = dropKeyOf(plan?.object.key ?? reference);
  if (drop) return drop;
  throw new UsageError(
    `"${reference}" is no drop: batch/in/MODEL/NAME, batch/out/MODEL/NAME/ or the id of a drop of the last two weeks is allowed.`,
  );
}

async function readManifest(store: ObjectStore, drop: DropKey): Promise<DropManifest | undefined> {
  const stored = await store.get(drop.outFolder + manifestName);
  return stored && (JSON.parse(new TextDecoder().decode(stored.body)) as DropManifest);
}

/** What came of it, for the person, and as an exit code for the program. */
function report(manifest: DropManifest | undefined, status: string, drop: DropKey): number {
  if (!manifest) {
    process.stderr.write(
      `leadgauge: the execution ended as ${status}, and ${drop.outFolder} has no manifest.\n`,
    );
    return exitCodes.failure;
  }
  const { rows, error, model } = manifest;
  if (error) {
    process.stderr.write(`leadgauge: ${error.detail}\n`);
    if (error.code === "tolerance_exceeded") return exitCodes.toleranceExceeded;
    return status === "SUCCEEDED" ? exitCodes.nothingScored : exitCodes.failure;
  }
  process.stdout.write(
    `${rows.in} rows in, ${rows.scored} scored, ${rows.rejected} rejected, with ${model.name} ${model.version}: ${drop.outFolder}\n`,
  );
  return status === "SUCCEEDED" ? exitCodes.success : exitCodes.failure;
}
