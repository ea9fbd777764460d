import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { type Connection, escapeId, type RowDataPacket } from 'mysql2';
import type { SeedTask, ServiceAccess } from '../../model/protocol.js';
import { type CsvStep, chunksOf, columnNamed, missingTable, readCsv } from '../shared/csv.js';
import { messageOf } from '../shared/errors.js';
import { refusal } from './failure.js';
import { makeLedger, writeEntry } from './ledger.js';
import { withConnection } from './session.js';

/**
 * Inserts a CSV file into a table and writes the ledger entry, in one transaction.
 * An empty field is NULL, a quoted empty field an empty text.
 */
export async function seedCsv(access: ServiceAccess, task: SeedTask<'csv'>): Promise<number> {
  const { step } = task;
  const { bytes, columns } = await readCsv(task);
  return withConnection(access, async (connection) => {
    await makeLedger(connection, access);
    const statement = await insertInto(connection, columns, step);
    await connection.promise().query('START TRANSACTION');
    await writeEntry(connection, access, { ...task.entry, state: 'done' });
    let rows = 0;
    for await (const batch of batchesOf(bytes, step)) {
      await insert(connection, { statement, step }, batch);
      rows += batch.length;
    }
    await connection.promise().query('COMMIT');
    return rows;
  });
}

async function insertInto(connection: Connection, names: readonly string[], step: CsvStep): Promise<string> {
  const table = step.table
    .split('.')
    .map((part) => escapeId(part, true))
    .join('.');
  const [found] = await connection
    .promise()
    .query<RowDataPacket[]>(`SHOW COLUMNS FROM ${table}`)
    .catch((error: unknown) => {
      throw missingTable(step, messageOf(error));
    });
  const columns = found.map((row) => String(row.Field));
  const escaped = names.map((name) => escapeId(columnNamed(name, columns, step), true));
  return `INSERT INTO ${table} (${escaped.join(', ')}) VALUES ?`;
}

interface CsvRow {
  readonly values: readonly (string | null)[];
  readonly line: number;
}
interface Insertion {
  readonly statement: string;
  readonly step: CsvStep;
}

/** Inserts a batch; if that is refused, row by row, since the server seldom reports which row was wrong. */
async function insert(connection: Connection, { statement, step }: Insertion, batch: readonly CsvRow[]): Promise<void> {
  const send = (rows: readonly CsvRow[]): Promise<unknown> =>
    connection.promise().query(statement, [rows.map((row) => row.values)]);
  await connection.promise().query('SAVEPOINT envctl_batch');
  try {
    await send(batch);
  } catch (batchError) {
    await connection.promise().query('ROLLBACK TO SAVEPOINT envctl_batch');
    for (const row of batch) {
      await send([row]).catch((error: unknown) => {
        throw refusal(error, { position: { file: step.file, line: row.line, column: 1 }, left: 'nothing' });
      });
    }
    throw batchError;
  }
}

const BATCH_ROWS = 1000;
/** Servers take messages up to max_allowed_packet, 16 MB or more by default. */
const BATCH_CHARACTERS = 4 * 1024 * 1024;

async function* batchesOf(bytes: Uint8Array, step: CsvStep): AsyncGenerator<readonly CsvRow[]> {
  let batch: CsvRow[] = [];
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

async function* rowsOf(bytes: Uint8Array, step: CsvStep): AsyncGenerator<CsvRow> {
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
