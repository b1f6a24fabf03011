/** What a user of the library needs; README.md tells how it is used. */
export { formatOf } from "./formats/read-model.ts";
export { load, type Model } from "./load.ts";
export { ModelFileError } from "./model-file-error.ts";
export type { ModelFormat, RawModel, ReadOptions } from "./raw-model.ts";
