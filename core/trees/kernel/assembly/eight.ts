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

/** Where they stand. */
@inline
export function storeEight(
  to: usize,
  a: usize, b: usize, c: usize, d: usize, e: usize, f: usize, g: usize, h: usize,
): void {
  store<usize>(to, a, 0);
  store<usize>(to, b, 4);
  store<usize>(to, c, 8);
  store<usize>(to, d, 12);
  store<usize>(to, e, 16);
  store<usize>(to, f, 20);
  store<usize>(to, g, 24);
  store<usize>(to, h, 28);
}
