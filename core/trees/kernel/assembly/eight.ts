// What both walks do with the eight leaves that they have reached.

/** Their values to the sum, in the order of the trees. `shift`: from a node's address to that of its value. */
@inline
export function addEight<T>(
  sum: T, values: usize, shift: usize,
  a: usize, b: usize, c: usize, d: usize, e: usize, f: usize, g: usize, h: usize,
): T {
  sum += load<T>(values + (a << shift));
  sum += load<T>(values + (b << shift));
  sum += load<T>(values + (c << shift));
  sum += load<T>(values + (d << shift));
  sum += load<T>(values + (e << shift));
  sum += load<T>(values + (f << shift));
  sum += load<T>(values + (g << shift));
  return (sum += load<T>(values + (h << shift)));
}

/** Their places. `shift`: from a place to a node's address. */
@inline
export function storeEight(
  leaves: usize, shift: usize,
  a: usize, b: usize, c: usize, d: usize, e: usize, f: usize, g: usize, h: usize,
): void {
  store<u32>(leaves, a >> shift, 0);
  store<u32>(leaves, b >> shift, 4);
  store<u32>(leaves, c >> shift, 8);
  store<u32>(leaves, d >> shift, 12);
  store<u32>(leaves, e >> shift, 16);
  store<u32>(leaves, f >> shift, 20);
  store<u32>(leaves, g >> shift, 24);
  store<u32>(leaves, h >> shift, 28);
}
