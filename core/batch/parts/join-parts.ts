import { scoredHeader } from "../csv/csv-scorer.ts";
import type { DropSource, OutputFolder } from "../drop-ports.ts";
import { DropTally } from "../drop-tally.ts";
import { takeResults, writeTop } from "../take-results.ts";
import type { DropOptions, DropState } from "../write-drop.ts";
import type { Layout } from "./drop-plan.ts";
import type { PartResult } from "./part-result.ts";

/** Writes the rows of a file that was scored in parts, as if it had been scored in one piece. */
export async function joinParts(
  layout: Layout,
  results: AsyncIterable<PartResult>,
  options: DropOptions,
  source: DropSource,
  folder: OutputFolder,
  state: DropState,
): Promise<void> {
  const { name, errors } = state;
  const scored = await folder.create(name.scored, name.isGzip);
  const top = options.top > 0 ? await folder.create(name.top, false) : undefined;
  if (layout.format === "parquet") {
    const tally = new DropTally<readonly unknown[]>(errors, options.top);
    state.summary = () => tally.summary();
    tally.addUnknownColumns(layout.unknownColumns);
    const { joinParquetParts } = await import("../parquet/parquet-parts.ts");
    return joinParquetParts(source, options, results, { scored, top }, tally);
  }
  const tally = new DropTally<Uint8Array>(errors, options.top);
  state.summary = () => tally.summary();
  let lineEnd = "\n";
  if (layout.format === "csv") {
    const { dialect } = layout;
    state.dialect = dialect;
    lineEnd = dialect.lineEnd;
    tally.addUnknownColumns(layout.unknownColumns);
    tally.startLines(layout.headerLines);
    const head = scoredHeader(fromBase64(layout.headerBytes), dialect, options.reasons);
    await scored.write(head);
    await top?.write(head);
  } else {
    tally.startLines(0);
  }
  await takeResults(results, tally, scored);
  if (top) await writeTop(tally, top, lineEnd);
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
