import { type Client, escapeIdentifier, escapeLiteral } from 'pg';
import { EnvctlError, suggest } from '../../model/errors.js';
import type { SeedTask, ServiceAccess } from '../../model/protocol.js';
import type { SeedStepOf } from '../../model/service.js';
import { checkDelimiter, header } from '../shared/csv-header.js';
import { readBytes } from '../shared/seed-source.js';
import { inCopy, refusal } from './failure.js';
import { writeEntry } from './ledger.js';
import { inTransaction } from './session.js';
import { sendRows } from './sql.js';

type CsvStep = SeedStepOf<'csv', string>;

/** Copies a CSV file into a table, with its ledger entry, as one transaction. An empty field is NULL, a quoted empty one an empty text. */
export async function seedCsv(reach: ServiceAccess, task: SeedTask<'csv'>): Promise<number> {
  const { step } = task;
  checkDelimiter(task, step.delimiter);
  const bytes = await readBytes(task, step.file);
  const named = header(bytes, step.file, step.delimiter);
  return inTransaction(reach, async (client) => {
    await writeEntry(client, { ...task.entry, state: 'done' });
    const table = await findTable(client, step);
    const columns = named.map((name) => escapeIdentifier(columnNamed(name, table, step)));
    const statement = `COPY ${table.name} (${columns.join(', ')}) FROM STDIN (FORMAT csv, HEADER true, DELIMITER ${escapeLiteral(step.delimiter)}, ENCODING 'UTF8')`;
    return sendRows(client, statement, chunksOf(bytes)).catch((error: unknown) => {
      const first = { file: step.file, line: 1, column: 1 };
      throw refusal(error, inCopy(error, first) ?? first);
    });
  });
}

interface Table {
  /** As SQL writes it: quoted and with its schema where that is needed. */
  readonly name: string;
  readonly columns: readonly string[];
}

/** The name is taken exactly as written first, then as SQL reads it, where capitals do not count. */
async function findTable(client: Client, step: CsvStep): Promise<Table> {
  const exact = step.table.includes('"') ? step.table : step.table.split('.').map(escapeIdentifier).join('.');
  const answer = await client
    .query<{ name: string; columns: string[] }>(
      `SELECT attrelid::regclass::text AS name, array_agg(attname::text ORDER BY attnum) AS columns FROM pg_attribute
       WHERE attrelid = coalesce(to_regclass($1), to_regclass($2)) AND attnum > 0 AND NOT attisdropped GROUP BY attrelid`,
      [exact, step.table],
    )
    .catch((error: unknown) => {
      throw refusal(error, step.position);
    });
  const found = answer.rows[0];
  if (found !== undefined) return found;
  throw new EnvctlError('SEED_FAILED', `there is no table "${step.table}" to copy ${step.file} into`, {
    hint: 'Make it in an earlier step, or let the seeds wait for what makes it: seed: { after: [migrate], steps: … }.',
    position: step.position,
  });
}

function columnNamed(name: string, table: Table, step: CsvStep): string {
  const found =
    table.columns.find((column) => column === name) ??
    table.columns.find((column) => column.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  throw new EnvctlError('SEED_FAILED', `table ${table.name} has no column "${name}"`, {
    hint: suggest(name, table.columns),
    position: { file: step.file, line: 1, column: 1 },
  });
}

const CHUNK_BYTES = 64 * 1024;

function* chunksOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) yield bytes.subarray(start, start + CHUNK_BYTES);
}
