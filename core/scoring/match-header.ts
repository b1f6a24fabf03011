import { sourcesOf } from "../lead/derivation.ts";
import { type HeaderIndex, LEAD_ID, TARGET, UNKNOWN } from "../lead/header-index.ts";
import type { FeatureSpec } from "../spec/schema.ts";
import { HeaderError } from "./scoring-model.ts";

type Field = FeatureSpec["fields"][number];

/** Which columns of a file are the fields of a model. Throws `HeaderError` where two columns stand for one field. */
export function matchHeader(header: readonly string[], fields: readonly Field[], headers: HeaderIndex) {
  const columnOfSlot = new Int32Array(fields.length).fill(-1);
  const unknownColumns: string[] = [];
  let leadIdColumn = -1;
  let targetColumn = -1;
  header.forEach((name, column) => {
    const meaning = headers.meaningOf(name);
    if (meaning >= 0) {
      const other = columnOfSlot[meaning] as number;
      if (other >= 0) {
        throw new HeaderError(
          `The columns "${header[other]}" and "${name}" both stand for the field "${fields[meaning]?.name}". Remove or rename one of them.`,
        );
      }
      columnOfSlot[meaning] = column;
    } else if (meaning === LEAD_ID && leadIdColumn < 0) leadIdColumn = column;
    else if (meaning === TARGET && targetColumn < 0) targetColumn = column;
    // Many tools write an index without a name, which nobody needs to be told of.
    else if (meaning === UNKNOWN && name.trim() !== "") unknownColumns.push(name);
  });
  const canBeSupplied = (slot: number): boolean => {
    const { orFrom } = fields[slot] as Field;
    if ((columnOfSlot[slot] as number) >= 0) return true;
    if (orFrom === undefined) return false;
    const sources = sourcesOf(orFrom).map((name) => fields.findIndex((field) => field.name === name));
    return orFrom.op === "count-present" || sources.some((source) => (columnOfSlot[source] as number) >= 0);
  };
  const missingRequired = fields.flatMap(({ name, required }, slot) =>
    required && !canBeSupplied(slot) ? [name] : [],
  );
  const fieldColumns = columnOfSlot.filter((column) => column >= 0).length;
  return { columnOfSlot, fieldColumns, unknownColumns, missingRequired, leadIdColumn, targetColumn };
}
