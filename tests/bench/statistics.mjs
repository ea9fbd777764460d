export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** `1.23 (1.10–1.40)`: median, least and most. */
export function spread(numbers, write) {
  return `${write(median(numbers))} (${write(Math.min(...numbers))}–${write(Math.max(...numbers))})`;
}

export const seconds = (ms) => (ms / 1000).toFixed(2);
export const plain = (number) => number.toFixed(2);
export const whole = (number) => String(Math.round(number));

/** Lines of a table whose columns are as wide as they need to be; the first line is its head. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `PASS up ≤ 0.40 × (a): 0.37`; prints it and says whether it passed. */
export function verdict(target, { value, limit, write = plain }) {
  const passed = value <= limit;
  console.log(`${passed ? 'PASS' : 'FAIL'}  ${target}: ${write(value)}`);
  return passed;
}
