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
    starts: ["booster["],
    is: "this is XGBoost's text dump, which has no base score; save the model with save_model",
  },
];

/** What the file is instead, if it is something known. */
export function foreignFormat(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return "the file is empty";
  const start = String.fromCharCode(...bytes.subarray(0, 16));
  return foreign.find(({ starts }) => starts.some((text) => start.startsWith(text)))?.is;
}
