import type { CategoryCodes } from "../../raw-model.ts";
import type { DocumentReader } from "../document-reader.ts";

/** By feature; undefined: the feature has no categories of its own, or only their codes are known. */
export type Categories = readonly (CategoryCodes | undefined)[];

const maximumCategories = 1 << 24;

/** Since 3.1, `cats` tells what the codes of each feature stood for in the training data. */
export function readCategories(reader: DocumentReader): Categories {
  const categories: (CategoryCodes | undefined)[] = [];
  reader.object((key) => {
    if (key !== "enc") return;
    reader.array(() => {
      let offsets: Float64Array | undefined;
      let values = new Float64Array(0);
      reader.object((part) => {
        if (part === "offsets") offsets = reader.numbers().slice();
        else if (part === "values") values = reader.numbers().slice();
      });
      categories.push(offsets === undefined ? numbers(values) : texts(reader, offsets, values));
    });
  });
  return categories;
}

function numbers(values: Float64Array): CategoryCodes | undefined {
  return values.length === 0 ? undefined : new Map([...values].map((value, code) => [value, code]));
}

/** UTF-8 of all texts behind one another. XGBoost 3.2 cuts texts beyond ASCII short: what it wrote is kept as it is. */
function texts(
  reader: DocumentReader,
  offsets: Float64Array,
  values: Float64Array,
): CategoryCodes | undefined {
  if (offsets.length < 2) return undefined;
  if (offsets.length > maximumCategories) reader.fail(`more than ${maximumCategories} categories`);
  const bytes = Uint8Array.from(values, (value) => value & 0xff);
  const decoder = new TextDecoder();
  const codes = new Map<string, number>();
  for (let code = 0; code + 1 < offsets.length; code++) {
    const [start = -1, end = -1] = offsets.subarray(code, code + 2);
    if (
      !Number.isInteger(start) ||
      !Number.isInteger(end) ||
      start < 0 ||
      end < start ||
      end > bytes.length
    ) {
      reader.fail(`offsets/${code} and offsets/${code + 1} lie outside values`);
    }
    codes.set(decoder.decode(bytes.subarray(start, end)), code);
  }
  return codes;
}
