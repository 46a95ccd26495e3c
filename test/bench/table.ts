/** Figures as text: ranges instead of single best values, columns aligned for a terminal. */

/** Lowest and highest of the values, `0.52–0.61`; one figure where they round to the same, `?` where one is not known. */
export function range(values: readonly number[], digits: number): string {
  if (values.length === 0 || values.some(Number.isNaN)) return '?';
  const low = Math.min(...values).toFixed(digits);
  const high = Math.max(...values).toFixed(digits);
  return low === high ? low : `${low}–${high}`;
}

/** Rows with every column as wide as its widest cell; the first column on the left, the others on the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i === 0 || i === row.length - 1 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}
