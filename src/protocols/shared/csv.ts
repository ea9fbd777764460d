import { parse } from 'csv-parse/sync';
import { EnvctlError, suggest } from '../../model/errors.js';
import type { SeedTask } from '../../model/protocol.js';
import type { SeedStepOf } from '../../model/service.js';
import { readBytes } from './seed-file.js';

export type CsvStep = SeedStepOf<'csv', string>;

export interface CsvFile {
  readonly bytes: Uint8Array;
  /** Column names: the first line. */
  readonly columns: readonly string[];
}

/** Throws SEED_FAILED if the delimiter, the encoding or the first line is invalid. */
export async function readCsv(task: SeedTask<'csv'>): Promise<CsvFile> {
  const { file, delimiter } = task.step;
  checkDelimiter(task, delimiter);
  const bytes = await readBytes(task, file);
  return { bytes, columns: header(bytes, file, delimiter) };
}

/** Throws SEED_FAILED if there is no first line, or a column without a name in it. */
export function header(bytes: Uint8Array, file: string, delimiter: string): readonly string[] {
  const position = { file, line: 1, column: 1 };
  const hint = 'Name the columns of the table in the first line, separated like the rows.';
  const names = firstRecord(bytes, delimiter);
  if (names.length === 0) throw new EnvctlError('SEED_FAILED', 'The CSV file is empty', { hint, position });
  if (names.includes(''))
    throw new EnvctlError('SEED_FAILED', 'The CSV file has a column without a name', { hint, position });
  return names;
}

function firstRecord(bytes: Uint8Array, delimiter: string): readonly string[] {
  const records: string[][] = parse(bytes, { delimiter, to: 1, relax_column_count: true });
  return records[0] ?? [];
}

/** Throws SEED_FAILED at the step if its delimiter is not one printable ASCII character or a tab. */
export function checkDelimiter(task: SeedTask<'csv'>, delimiter: string): void {
  if (/^[\t\x20-\x7e]$/.test(delimiter) && delimiter !== '"') return;
  throw new EnvctlError('SEED_FAILED', `The CSV delimiter must be one character, not ${JSON.stringify(delimiter)}`, {
    hint: 'Write `delimiter: ";"` or `delimiter: "\\t"`.',
    position: task.step.position,
  });
}

export function missingTable(step: CsvStep, detail?: string): EnvctlError {
  return new EnvctlError('SEED_FAILED', `There is no table "${step.table}" to copy ${step.file} into`, {
    hint: 'Create it in an earlier step, or wait for the service that does: `seed: { after: [migrate], steps: … }`.',
    ...(detail === undefined ? {} : { detail }),
    position: step.position,
  });
}

/** The table's column for a name in the first line: the same spelling first, then any capitalization. */
export function columnNamed(name: string, columns: readonly string[], { table, file }: CsvStep): string {
  const lower = name.toLowerCase();
  const found = columns.find((column) => column === name) ?? columns.find((column) => column.toLowerCase() === lower);
  if (found !== undefined) return found;
  throw new EnvctlError('SEED_FAILED', `Table "${table}" has no column "${name}"`, {
    hint: suggest(name, columns),
    position: { file, line: 1, column: 1 },
  });
}

const CHUNK_BYTES = 64 * 1024;

export function* chunksOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) yield bytes.subarray(start, start + CHUNK_BYTES);
}
