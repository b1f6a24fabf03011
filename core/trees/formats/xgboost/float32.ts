const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** The next smaller float32 of a float32 above -Infinity. */
export function nextDown(value: number): number {
  float[0] = value === 0 ? 0 : value;
  const word = bits[0] as number;
  if (word === 0) bits[0] = 0x80000001 | 0;
  else bits[0] = word > 0 ? word - 1 : word + 1;
  return float[0] as number;
}
