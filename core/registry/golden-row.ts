/** One golden row of a registered version: what the model has to answer for a lead. */
import type { GoldenRow } from "../package/golden.ts";
import { PackageError } from "../package/package-error.ts";
import type { ObjectStore } from "../ports.ts";
import { storedPackage } from "./stored-package.ts";

const FILE = "golden.jsonl";
const MAXIMUM_BYTES = 64 * 1024 * 1024;

/** The `turn`-th of the rows that are scored, from the start again after the last. Throws PackageError when there is none to read. */
export async function readGoldenRow(
  store: ObjectStore,
  model: string,
  version: string,
  turn: number,
): Promise<GoldenRow> {
  const body = await storedPackage(store, model, version).read(FILE, MAXIMUM_BYTES);
  if (body === undefined) throw new PackageError(FILE, "is missing");
  const rows = new TextDecoder().decode(body).trimEnd().split("\n").map(parseRow);
  const scored = rows.filter((row) => row.rejected === undefined);
  const row = scored[turn % scored.length];
  if (row === undefined) throw new PackageError(FILE, "has no row that is scored");
  return row;
}

function parseRow(line: string): GoldenRow {
  try {
    return JSON.parse(line) as GoldenRow;
  } catch {
    throw new PackageError(FILE, "is not JSON");
  }
}
