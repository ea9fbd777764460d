import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { type Connection, escapeId, type RowDataPacket } from 'mysql2';
import { EnvctlError, suggest } from '../../model/errors.js';
import type { SeedTask, ServiceAccess } from '../../model/protocol.js';
import type { SeedStepOf } from '../../model/service.js';
import { words } from '../shared/attempt.js';
import { checkDelimiter, header } from '../shared/csv-header.js';
import { readBytes } from '../shared/seed-source.js';
import { refusal } from './failure.js';
import { makeLedger, writeEntry } from './ledger.js';
import { withConnection } from './session.js';

type CsvStep = SeedStepOf<'csv', string>;

/** Inserts a CSV file into a table, with its ledger entry, as one transaction. An empty field is NULL, a quoted empty one an empty text. */
export async function seedCsv(reach: ServiceAccess, task: SeedTask<'csv'>): Promise<number> {
  const { step } = task;
  checkDelimiter(task, step.delimiter);
  const bytes = await readBytes(task, step.file);
  const named = header(bytes, step.file, step.delimiter);
  return withConnection(reach, async (connection) => {
    await makeLedger(connection, reach);
    const statement = await insertInto(connection, named, step);
    await connection.promise().query('START TRANSACTION');
    await writeEntry(connection, reach, { ...task.entry, state: 'done' });
    let rows = 0;
    for await (const batch of batchesOf(bytes, step)) {
      await insert(connection, { statement, step }, batch);
      rows += batch.length;
    }
    await connection.promise().query('COMMIT');
    return rows;
  });
}

async function insertInto(connection: Connection, named: readonly string[], step: CsvStep): Promise<string> {
  const table = step.table
    .split('.')
    .map((part) => escapeId(part, true))
    .join('.');
  const [found] = await connection
    .promise()
    .query<RowDataPacket[]>(`SHOW COLUMNS FROM ${table}`)
    .catch((error: unknown) => {
      throw new EnvctlError('SEED_FAILED', `there is no table "${step.table}" to copy ${step.file} into`, {
        hint: 'Make it in an earlier step, or let the seeds wait for what makes it: seed: { after: [migrate], steps: … }.',
        detail: words(error),
        position: step.position,
      });
    });
  const columns = found.map((row) => String(row.Field));
  return `INSERT INTO ${table} (${named.map((name) => escapeId(columnNamed(name, columns, step), true)).join(', ')}) VALUES ?`;
}

function columnNamed(name: string, columns: readonly string[], step: CsvStep): string {
  const found = columns.find((column) => column.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  throw new EnvctlError('SEED_FAILED', `table ${step.table} has no column "${name}"`, {
    hint: suggest(name, columns),
    position: { file: step.file, line: 1, column: 1 },
  });
}

interface Row {
  readonly values: readonly (string | null)[];
  readonly line: number;
}
interface Insertion {
  readonly statement: string;
  readonly step: CsvStep;
}

/** A whole batch; where that is refused row by row, since the server seldom says which one it was. */
async function insert(connection: Connection, { statement, step }: Insertion, batch: readonly Row[]): Promise<void> {
  const send = (rows: readonly Row[]): Promise<unknown> =>
    connection.promise().query(statement, [rows.map((row) => row.values)]);
  await connection.promise().query('SAVEPOINT envctl_batch');
  try {
    await send(batch);
  } catch (whole) {
    await connection.promise().query('ROLLBACK TO SAVEPOINT envctl_batch');
    for (const row of batch) {
      await send([row]).catch((error: unknown) => {
        throw refusal(error, { position: { file: step.file, line: row.line, column: 1 }, left: 'nothing' });
      });
    }
    throw whole;
  }
}

const BATCH_ROWS = 1000;
/** Servers take messages up to max_allowed_packet, 16 MB or more by default. */
const BATCH_CHARACTERS = 4 * 1024 * 1024;

async function* batchesOf(bytes: Uint8Array, step: CsvStep): AsyncGenerator<readonly Row[]> {
  let batch: Row[] = [];
  let size = 0;
  for await (const row of rowsOf(bytes, step)) {
    batch.push(row);
    size += row.values.reduce((sum, value) => sum + (value?.length ?? 0), 0);
    if (batch.length < BATCH_ROWS && size < BATCH_CHARACTERS) continue;
    yield batch;
    batch = [];
    size = 0;
  }
  if (batch.length > 0) yield batch;
}

async function* rowsOf(bytes: Uint8Array, step: CsvStep): AsyncGenerator<Row> {
  const cast = (value: string, { quoting }: { quoting: boolean }): string | null =>
    value === '' && !quoting ? null : value;
  const parser = parse({ delimiter: step.delimiter, from: 2, info: true, cast });
  const records: AsyncIterable<{ record: (string | null)[]; info: { lines: number } }> = Readable.from(
    chunksOf(bytes),
  ).pipe(parser);
  try {
    for await (const { record, info } of records) yield { values: record, line: info.lines };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = Number(Reflect.get(error, 'lines') ?? 1);
    throw refusal(error, { position: { file: step.file, line, column: 1 }, left: 'nothing' });
  }
}

const CHUNK_BYTES = 64 * 1024;

function* chunksOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) yield bytes.subarray(start, start + CHUNK_BYTES);
}
