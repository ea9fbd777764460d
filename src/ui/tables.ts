import type { Paint } from './color.js';
import { noPaint } from './color.js';
import { cut, pad, width } from './text.js';

interface TableOptions {
  readonly headers: readonly string[];
  /** Width of the terminal; undefined: cut nothing. */
  readonly columns?: number | undefined;
  readonly paint?: Paint;
}

const gap = 2;
const narrowest = 6;

/** Padded rows under headers. Cuts the widest columns if the terminal is too narrow. Cells must be safe to show. */
export function table(
  rows: readonly (readonly string[])[],
  { headers, columns, paint = noPaint }: TableOptions,
): string {
  const widths = fitted(naturalWidths([headers, ...rows]), columns);
  const line = (cells: readonly string[]): string => {
    const text = cells
      .map((cell, index) => pad(cut(cell, widths[index] ?? 0), widths[index] ?? 0))
      .join(' '.repeat(gap));
    return columns === undefined ? text.trimEnd() : cut(text.trimEnd(), columns);
  };
  return [paint.dim(line(headers)), ...rows.map(line)].map((text) => `${text}\n`).join('');
}

/** Width of the table if nothing is cut. */
export function tableWidth(rows: readonly (readonly string[])[]): number {
  return total(naturalWidths(rows));
}

function naturalWidths(rows: readonly (readonly string[])[]): readonly number[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: columns }, (_, index) => Math.max(...rows.map((row) => width(row[index] ?? ''))));
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, one) => sum + one, 0) + gap * Math.max(0, widths.length - 1);
}

/** Shrinks the widest column until the line fits or all columns are at their minimum. */
function fitted(widths: readonly number[], columns: number | undefined): readonly number[] {
  if (columns === undefined) return widths;
  const fit = [...widths];
  for (let over = total(fit) - columns; over > 0; over--) {
    const widest = Math.max(...fit);
    if (widest <= narrowest) break;
    fit[fit.lastIndexOf(widest)] = widest - 1;
  }
  return fit;
}
