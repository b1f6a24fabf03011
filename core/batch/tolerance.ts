/** How many rejected rows a file may have before it counts as failed. */
export type Tolerance = { readonly rows: number } | { readonly share: number };

/** A file of which more than half is refused was hardly meant for this model. */
export const defaultTolerance: Tolerance = { share: 0.5 };

/** `5%`, `0.5%` or a number of rows; undefined if the text is neither. */
export function parseTolerance(text: string): Tolerance | undefined {
  const percentage = /^(\d{1,3}(?:\.\d+)?)%$/.exec(text);
  if (percentage) {
    const share = Number(percentage[1]) / 100;
    return share <= 1 ? { share } : undefined;
  }
  return /^\d{1,12}$/.test(text) ? { rows: Number(text) } : undefined;
}

export function toleranceText(tolerance: Tolerance): string {
  return "rows" in tolerance ? String(tolerance.rows) : `${Number((tolerance.share * 100).toFixed(6))}%`;
}

export function isExceeded(tolerance: Tolerance, rejected: number, rows: number): boolean {
  return rejected > ("rows" in tolerance ? tolerance.rows : tolerance.share * rows);
}
