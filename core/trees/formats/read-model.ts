import { ModelFileError } from "../model-file-error.ts";
import type { ModelFormat, RawModel, ReadOptions } from "../raw-model.ts";
import type { DocumentReader } from "./document-reader.ts";
import { foreignFormat } from "./foreign-formats.ts";
import { JsonReader } from "./json-reader.ts";
import { isLightGbm, readLightGbm } from "./lightgbm/read-lightgbm.ts";
import { isPredictor, readPredictor } from "./predictor/read-predictor.ts";
import { UbjsonReader } from "./ubjson-reader.ts";
import { readXgboost } from "./xgboost/read-xgboost.ts";

/**
 * The format of a file, told by its content; its name says nothing. The first 65,536 bytes are enough. Throws a
 * `ModelFileError` for what is no model file of a format that is read.
 */
export function formatOf(bytes: Uint8Array): ModelFormat {
  const foreign = foreignFormat(bytes);
  if (foreign !== undefined) throw new ModelFileError(foreign, "byte 0");
  if (UbjsonReader.recognises(bytes)) return "xgboost-ubjson";
  if (isPredictor(bytes)) return "leadgauge-predictor";
  if (JsonReader.recognises(bytes)) return "xgboost-json";
  if (isLightGbm(bytes)) return "lightgbm-text";
  throw new ModelFileError("this is no model file of a format that is read", "byte 0");
}

export function readModel(bytes: Uint8Array, options: ReadOptions): RawModel {
  const format = formatOf(bytes);
  switch (format) {
    case "xgboost-ubjson":
      return readXgboost(whole(new UbjsonReader(bytes)), format, options);
    case "xgboost-json":
      return readXgboost(whole(new JsonReader(bytes)), format, options);
    case "leadgauge-predictor":
      return readPredictor(whole(new JsonReader(bytes)));
    case "lightgbm-text":
      if (options.rounds === "best") {
        throw new ModelFileError(
          "LightGBM records no best iteration; lgb.train leaves later rounds out",
          "byte 0",
        );
      }
      return readLightGbm(bytes);
  }
}

function whole<Reader extends DocumentReader>(reader: Reader): Reader {
  reader.checkEnd();
  return reader;
}
