import { ModelFileError } from "../model-file-error.ts";
import type { RawModel, ReadOptions } from "../raw-model.ts";
import type { DocumentReader } from "./document-reader.ts";
import { foreignFormat } from "./foreign-formats.ts";
import { JsonReader } from "./json-reader.ts";
import { isLightGbm, readLightGbm } from "./lightgbm/read-lightgbm.ts";
import { isPredictor, readPredictor } from "./predictor/read-predictor.ts";
import { UbjsonReader } from "./ubjson-reader.ts";
import { readXgboost } from "./xgboost/read-xgboost.ts";

/** Tells the format by the content; a file's name says nothing. */
export function readModel(bytes: Uint8Array, options: ReadOptions): RawModel {
  const foreign = foreignFormat(bytes);
  if (foreign !== undefined) throw new ModelFileError(foreign, "byte 0");
  if (UbjsonReader.recognises(bytes)) {
    return readXgboost(whole(new UbjsonReader(bytes)), "xgboost-ubjson", options);
  }
  if (isPredictor(bytes)) return readPredictor(whole(new JsonReader(bytes)));
  if (JsonReader.recognises(bytes)) return readXgboost(whole(new JsonReader(bytes)), "xgboost-json", options);
  if (isLightGbm(bytes)) {
    if (options.rounds === "best") {
      throw new ModelFileError(
        "LightGBM records no best iteration; lgb.train leaves later rounds out",
        "byte 0",
      );
    }
    return readLightGbm(bytes);
  }
  throw new ModelFileError("this is no model file of a format that is read", "byte 0");
}

function whole<Reader extends DocumentReader>(reader: Reader): Reader {
  reader.checkEnd();
  return reader;
}
