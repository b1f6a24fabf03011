/** The candidate that a misspelt name most likely means, or undefined. */
export function closest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  // About one letter in three may be wrong; two letters change places at the cost of two.
  const allowed = name.length < 4 ? name.length - 2 : Math.max(2, Math.floor(name.length / 3));
  let leastDistance = allowed + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= leastDistance) continue;
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance < leastDistance) [best, leastDistance] = [candidate, distance];
  }
  return best;
}

/** How many letters must be inserted, removed or replaced. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[j] as number) + 1, (current[j - 1] as number) + 1));
    }
    previous = current;
  }
  return previous[b.length] as number;
}

/** ` Did you mean "…"?`, or nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const candidate = closest(name.slice(0, 256), candidates);
  return candidate === undefined ? "" : ` Did you mean "${candidate}"?`;
}
