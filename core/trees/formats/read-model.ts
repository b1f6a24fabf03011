import { ModelFileError } from "../model-file-error.ts";
import type { RawModel, ReadOptions } from "../raw-model.ts";
import { foreignFormat } from "./foreign-formats.ts";
import { isLightGbm, readLightGbm } from "./lightgbm/read-lightgbm.ts";

/** Tells the format by the content; a file's name says nothing. */
export function readModel(bytes: Uint8Array, _options: ReadOptions): RawModel {
  const foreign = foreignFormat(bytes);
  if (isLightGbm(bytes)) return readLightGbm(bytes);
  throw new ModelFileError(foreign ?? "this is no model file of a format that is read", "byte 0");
}
