/** Files that look like models and aren't any that is read: told by name, with the way out. */
const foreign: readonly { readonly starts: readonly string[]; readonly is: string }[] = [
  {
    starts: ["binf", "bs64", "CONFIG-offset:"],
    is: "this is XGBoost's old binary format; load it with XGBoost before 3.1 and save it with save_model as .json or .ubj",
  },
  {
    starts: ["\x80\x02", "\x80\x03", "\x80\x04", "\x80\x05"],
    is: "this is a Python pickle, which is code and is never loaded; save the model with save_model",
  },
  { starts: ["\x1f\x8b"], is: "this is a gzip archive; unpack it" },
  { starts: ["PK\x03\x04"], is: "this is a zip archive; unpack it" },
  { starts: ["\x89HDF"], is: "this is an HDF5 file" },
  { starts: ["CBM1"], is: "this is a CatBoost model, which isn't supported" },
  {
    starts: ["gbdt\n", "gbdt\r\n"],
    is: "this is a model of LightGBM before 2.0, whose files aren't read; train it again with a newer version",
  },
  {
    starts: ["booster["],
    is: "this is XGBoost's text dump, which has no base score; save the model with save_model",
  },
  {
    starts: ["<?xml", "<PMML", "\xef\xbb\xbf<?xml"],
    is: "this is XML, such as PMML, which isn't supported; save the model with save_model of its library",
  },
  { starts: ["X\n", "RDX2", "RDX3"], is: "this is an R object; save the model with xgb.save or lgb.save" },
];
const oldBinary = foreign[0]?.is;

/** What the file is instead, if it is something known. */
export function foreignFormat(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return "the file is empty";
  const start = String.fromCharCode(...bytes.subarray(0, 256));
  if (isHeadlessBinary(start)) return oldBinary;
  if (isOnnx(bytes, start)) {
    return "this is an ONNX model, which isn't supported; save the model with save_model of its library";
  }
  // Some ports put the base score before it.
  if (/^[\s\d.-]*\[/.test(start) && start.includes('"nodeid"')) {
    return "this is XGBoost's JSON dump, which has no base score; save the model with save_model";
  }
  return foreign.find(({ starts }) => starts.some((text) => start.startsWith(text)))?.is;
}

/** XGBoost before 1.0 had no mark: behind 136 bytes of parameters stands the objective's length, then the objective. */
function isHeadlessBinary(start: string): boolean {
  return start.charCodeAt(136) < 64 && /^(reg|binary|multi|rank|count|survival):/.test(start.slice(144));
}

/** A message of protocol buffers: field 1, the format's version; field 2, the producer, or another one that names it. */
function isOnnx(bytes: Uint8Array, start: string): boolean {
  return bytes[0] === 0x08 && (bytes[2] === 0x12 || start.toLowerCase().includes("onnx"));
}
