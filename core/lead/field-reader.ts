/** Raw values to values, one reader a field, by rules 1 to 9 of docs/feature-spec.md. Compiled once, then called a million times. */
import type { FeatureSpec, Field } from "../spec/schema.ts";
import { NumberReader } from "./number-reader.ts";
import type { FieldReader } from "./reading.ts";
import { TimestampReader } from "./timestamp-reader.ts";
import type { CategoryCodes } from "./values.ts";
import { booleanWords, categoryWords, ordinalWords, WordReader } from "./word-reader.ts";

export function fieldReader(spec: FeatureSpec, field: Field, codes: CategoryCodes | undefined): FieldReader {
  switch (field.type) {
    case "number":
    case "integer":
      return new NumberReader(spec, field);
    case "timestamp":
      return new TimestampReader(spec, field);
    case "boolean":
      return new WordReader(spec, field, booleanWords(spec, field));
    case "category":
      return new WordReader(spec, field, categoryWords(spec, field, codes));
    case "ordinal":
      return new WordReader(spec, field, ordinalWords(spec, field));
  }
}
