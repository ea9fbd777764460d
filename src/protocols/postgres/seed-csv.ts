import { type Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { SeedTask, ServiceAccess } from '../../model/protocol.js';
import { type CsvStep, chunksOf, columnNamed, missingTable, readCsv } from '../shared/csv.js';
import { inCopy, refusal } from './failure.js';
import { writeEntry } from './ledger.js';
import { sendRows } from './seed-sql.js';
import { inTransaction } from './session.js';

/**
 * Copies a CSV file into a table and writes the ledger entry, in one transaction.
 * An empty field is NULL, a quoted empty field an empty text.
 */
export async function seedCsv(access: ServiceAccess, task: SeedTask<'csv'>): Promise<number> {
  const { step } = task;
  const { bytes, columns } = await readCsv(task);
  return inTransaction(access, async (client) => {
    await writeEntry(client, { ...task.entry, state: 'done' });
    const table = await findTable(client, step);
    const escaped = columns.map((name) => escapeIdentifier(columnNamed(name, table.columns, step)));
    const format = `FORMAT csv, HEADER true, DELIMITER ${escapeLiteral(step.delimiter)}, ENCODING 'UTF8'`;
    const statement = `COPY ${table.name} (${escaped.join(', ')}) FROM STDIN (${format})`;
    return sendRows(client, statement, chunksOf(bytes)).catch((error: unknown) => {
      const first = { file: step.file, line: 1, column: 1 };
      throw refusal(error, inCopy(error, first) ?? first);
    });
  });
}

interface Table {
  /** In SQL: quoted and qualified if needed. */
  readonly name: string;
  readonly columns: readonly string[];
}

/** Finds the name as written first, then as SQL folds it to lower case. */
async function findTable(client: Client, step: CsvStep): Promise<Table> {
  const exact = step.table.includes('"') ? step.table : step.table.split('.').map(escapeIdentifier).join('.');
  const answer = await client
    .query<{ name: string; columns: string[] }>(
      `SELECT attrelid::regclass::text AS name, array_agg(attname::text ORDER BY attnum) AS columns FROM pg_attribute
       WHERE attrelid = coalesce(to_regclass($1), to_regclass($2)) AND attnum > 0 AND NOT attisdropped
       GROUP BY attrelid`,
      [exact, step.table],
    )
    .catch((error: unknown) => {
      throw refusal(error, step.position);
    });
  const found = answer.rows[0];
  if (found !== undefined) return found;
  throw missingTable(step);
}
