type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * UBJSON as XGBoost writes it: lengths of 8 bytes; arrays of fractions typed, of whole numbers with a marker an item.
 * `typed`: as others may write it, every container of texts, objects or arrays telling their type and count first.
 */
export function ubjsonOf(value: Json, typed = false): Uint8Array {
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
  const markerOf = (each: Json): string => {
    if (each === null) return "Z";
    if (typeof each === "boolean") return each ? "T" : "F";
    if (typeof each === "string") return "S";
    if (typeof each === "number") return Number.isInteger(each) ? "l" : "d";
    return Array.isArray(each) ? "[" : "{";
  };
  /** What stands in front of a container's values: their type, if they have one and may tell it, and their count. */
  const head = (values: readonly Json[]): string | undefined => {
    const markers = new Set(values.map(markerOf));
    const [first] = markers;
    const isFloats =
      values.length > 0 && !typed && [...markers].every((each) => each === "d" || each === "l");
    const type =
      isFloats && markers.has("d")
        ? "d"
        : typed && markers.size === 1 && /[S[{]/.test(first ?? "")
          ? first
          : undefined;
    if (type !== undefined) marker(`$${type}`);
    marker("#");
    length(values.length);
    return type;
  };
  const body = (each: Json): void => {
    if (typeof each === "string") text(each);
    else if (typeof each === "number") {
      put(4, (view) => (Number.isInteger(each) ? view.setInt32(0, each) : view.setFloat32(0, each)));
    } else if (Array.isArray(each)) {
      const type = head(each);
      for (const item of each) {
        if (type === "d") put(4, (view) => view.setFloat32(0, Number(item)));
        else encode(item, type !== undefined);
      }
    } else if (each !== null && typeof each === "object") {
      const type = typed ? head(Object.values(each)) : undefined;
      for (const [key, content] of Object.entries(each)) {
        text(key);
        encode(content, type !== undefined);
      }
      if (!typed) marker("}");
    }
  };
  const encode = (each: Json, isTyped = false): void => {
    if (!isTyped) marker(markerOf(each));
    body(each);
  };
  encode(value);
  return Uint8Array.from(bytes);
}
