// Models of several outputs: the leaves, one after the other in the order of the trees, to the sums.

@inline
function add<T>(
  trees: i32,
  leaves: usize,
  outputs: usize,
  values: usize,
  scale: usize,
  valuesPerLeaf: i32,
  sums: usize,
): void {
  for (let tree = 0; tree < trees; tree++) {
    let value = values + load<usize>(leaves + (<usize>tree << 2)) * scale;
    let sum = sums + <usize>load<u32>(outputs + (<usize>tree << 2)) * sizeof<T>();
    for (let i = 0; i < valuesPerLeaf; i++) {
      store<T>(sum, load<T>(sum) + load<T>(value));
      value += sizeof<T>();
      sum += sizeof<T>();
    }
  }
}

/** `leaves`: where each tree ended, of which `values` and a multiple is the address of its values; `outputs`: the first output that each tree adds to. */
export function addLeavesSingle(
  trees: i32,
  leaves: usize,
  outputs: usize,
  values: usize,
  scale: usize,
  valuesPerLeaf: i32,
  sums: usize,
): void {
  add<f32>(trees, leaves, outputs, values, scale, valuesPerLeaf, sums);
}

export function addLeavesDouble(
  trees: i32,
  leaves: usize,
  outputs: usize,
  values: usize,
  scale: usize,
  valuesPerLeaf: i32,
  sums: usize,
): void {
  add<f64>(trees, leaves, outputs, values, scale, valuesPerLeaf, sums);
}
