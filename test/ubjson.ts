type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** UBJSON as XGBoost writes it: lengths of 8 bytes; arrays of fractions typed, of whole numbers with a marker an item. */
export function ubjsonOf(value: Json): Uint8Array {
  const bytes: number[] = [];
  const put = (width: number, write: (view: DataView) => void) => {
    const view = new DataView(new ArrayBuffer(width));
    write(view);
    bytes.push(...new Uint8Array(view.buffer));
  };
  const marker = (text: string) => bytes.push(...new TextEncoder().encode(text));
  const length = (count: number) => {
    marker("L");
    put(8, (view) => view.setBigInt64(0, BigInt(count)));
  };
  const text = (content: string) => {
    const encoded = new TextEncoder().encode(content);
    length(encoded.length);
    bytes.push(...encoded);
  };
  const encode = (each: Json): void => {
    if (each === null) marker("Z");
    else if (typeof each === "boolean") marker(each ? "T" : "F");
    else if (typeof each === "string") {
      marker("S");
      text(each);
    } else if (typeof each === "number") {
      marker(Number.isInteger(each) ? "l" : "d");
      put(4, (view) => (Number.isInteger(each) ? view.setInt32(0, each) : view.setFloat32(0, each)));
    } else if (Array.isArray(each)) {
      const isTyped = each.some((item) => typeof item === "number" && !Number.isInteger(item));
      marker(isTyped ? "[$d#" : "[#");
      length(each.length);
      for (const item of each) isTyped ? put(4, (view) => view.setFloat32(0, Number(item))) : encode(item);
    } else {
      marker("{");
      for (const [key, content] of Object.entries(each)) {
        text(key);
        encode(content);
      }
      marker("}");
    }
  };
  encode(value);
  return Uint8Array.from(bytes);
}
