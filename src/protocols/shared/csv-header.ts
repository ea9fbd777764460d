import { parse } from 'csv-parse/sync';
import { EnvctlError } from '../../model/errors.js';
import type { SeedTask } from '../../model/protocol.js';

/** Column names of a CSV file: its first line. Throws SEED_FAILED where there is none. */
export function header(bytes: Uint8Array, file: string, delimiter: string): readonly string[] {
  const position = { file, line: 1, column: 1 };
  const hint = 'Name the columns of the table in the first line, separated like the rows.';
  const names = firstRecord(bytes, delimiter);
  if (names.length === 0) throw new EnvctlError('SEED_FAILED', 'the CSV file is empty', { hint, position });
  if (names.includes(''))
    throw new EnvctlError('SEED_FAILED', 'the CSV file has a column without a name', { hint, position });
  return names;
}

function firstRecord(bytes: Uint8Array, delimiter: string): readonly string[] {
  const records: string[][] = parse(bytes, { delimiter, to: 1, relax_column_count: true });
  return records[0] ?? [];
}

/** Throws SEED_FAILED at the step where its delimiter is not one plain character. */
export function checkDelimiter(task: SeedTask, delimiter: string): void {
  if (/^[\t\x20-\x7e]$/.test(delimiter) && delimiter !== '"') return;
  throw new EnvctlError('SEED_FAILED', `a CSV delimiter is one character, not ${JSON.stringify(delimiter)}`, {
    hint: 'Write delimiter: ";" or delimiter: "\\t".',
    position: task.step.position,
  });
}
