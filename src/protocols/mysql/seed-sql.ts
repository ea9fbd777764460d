import type { Connection } from 'mysql2';
import type { Position } from '../../model/profile.js';
import type { SeedTask, ServiceAccess } from '../../model/protocol.js';
import { readSeedFile, type SeedFile } from '../shared/seed-file.js';
import { refusal } from './failure.js';
import { makeLedger, readEntries, writeEntry } from './ledger.js';
import { withConnection } from './session.js';
import { type MysqlStatement, statements } from './statements.js';

/**
 * Runs an SQL file. Its ledger entry is written first, as `running`, in the file's transaction: an error rolls it back
 * with the rest, unless a CREATE, ALTER or DROP has committed; then it remains and marks the store as half-filled.
 */
export async function seedSql(access: ServiceAccess, task: SeedTask<'sql'>): Promise<number> {
  const source = await readSeedFile(task, task.step.file);
  const all = [...statements(source.text)];
  await withConnection(access, async (connection) => {
    await makeLedger(connection, access);
    await connection.promise().query('SET autocommit = 0');
    await writeEntry(connection, access, { ...task.entry, state: 'running' });
    for (const batch of batches(all)) {
      await run(connection, source, batch).catch(async (failure: StatementFailure) => {
        throw refusal(failure.error, { position: failure.position, left: await rollBack(connection, access, task) });
      });
    }
    // A dump may have locked tables; the ledger is not one of them.
    await connection.promise().query('UNLOCK TABLES');
    await writeEntry(connection, access, { ...task.entry, state: 'done' });
    await connection.promise().query('COMMIT');
  });
  return all.length;
}

async function rollBack(connection: Connection, access: ServiceAccess, task: SeedTask): Promise<'nothing' | 'a part'> {
  await connection.promise().query('ROLLBACK; UNLOCK TABLES');
  const entries = await readEntries(connection, access);
  return entries.some(({ index, state }) => index === task.entry.index && state === 'running') ? 'a part' : 'nothing';
}

const MAX_CHARACTERS = 256 * 1024;
/** Statements with exactly one result each, so that results can be counted to find the one that failed. */
const SINGLE = new Set([
  'insert',
  'replace',
  'update',
  'delete',
  'set',
  'create',
  'alter',
  'drop',
  'lock',
  'unlock',
  'truncate',
  '/*!',
]);

function* batches(all: readonly MysqlStatement[]): Generator<readonly MysqlStatement[]> {
  let batch: MysqlStatement[] = [];
  for (const statement of all) {
    const first = batch[0];
    const joins =
      first !== undefined &&
      SINGLE.has(first.firstWord) &&
      SINGLE.has(statement.firstWord) &&
      statement.end - first.start <= MAX_CHARACTERS;
    if (!joins && first !== undefined) {
      yield batch;
      batch = [];
    }
    batch.push(statement);
  }
  if (batch.length > 0) yield batch;
}

interface StatementFailure {
  readonly error: unknown;
  readonly position: Position;
}

/** Rejects with a StatementFailure. */
function run(connection: Connection, source: SeedFile, batch: readonly MysqlStatement[]): Promise<void> {
  const text = batch.map(({ start, end }) => source.text.slice(start, end)).join(';\n');
  return new Promise((resolve, reject) => {
    let completed = 0;
    const query = connection.query(text);
    query.on('fields', () => {
      completed += 1;
    });
    query.on('end', () => resolve());
    query.on('error', (error) =>
      reject({ error, position: positionOf(error, source, batch[completed] ?? batch[0]) } satisfies StatementFailure),
    );
  });
}

/** The server counts lines from the statement's first line: `… near 'x' at line 2`. */
function positionOf(error: Error, source: SeedFile, statement: MysqlStatement | undefined): Position {
  const start = source.at(statement?.start ?? 0);
  const line = Number(/ at line (\d+)$/.exec(error.message)?.[1] ?? 1);
  return line === 1 ? start : { ...start, line: start.line + line - 1, column: 1 };
}
