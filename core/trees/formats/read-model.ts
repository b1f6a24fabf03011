import { ModelFileError } from "../model-file-error.ts";
import type { RawModel, ReadOptions } from "../raw-model.ts";
import { foreignFormat } from "./foreign-formats.ts";
import { JsonReader } from "./json-reader.ts";
import { isLightGbm, readLightGbm } from "./lightgbm/read-lightgbm.ts";
import { isPredictor, readPredictor } from "./predictor/read-predictor.ts";
import { UbjsonReader } from "./ubjson-reader.ts";
import { readXgboost } from "./xgboost/read-xgboost.ts";

/** Tells the format by the content; a file's name says nothing. */
export function readModel(bytes: Uint8Array, options: ReadOptions): RawModel {
  if (UbjsonReader.recognises(bytes)) return readXgboost(new UbjsonReader(bytes), "xgboost-ubjson", options);
  if (isPredictor(bytes)) return readPredictor(new JsonReader(bytes));
  if (JsonReader.recognises(bytes)) return readXgboost(new JsonReader(bytes), "xgboost-json", options);
  if (isLightGbm(bytes)) {
    if (options.rounds === "best") {
      throw new ModelFileError(
        "LightGBM records no best iteration; lgb.train leaves later rounds out",
        "byte 0",
      );
    }
    return readLightGbm(bytes);
  }
  const foreign = foreignFormat(bytes);
  throw new ModelFileError(foreign ?? "this is no model file of a format that is read", "byte 0");
}
