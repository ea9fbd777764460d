import type { Connection } from 'mysql2';
import type { Position } from '../../model/profile.js';
import type { SeedTask, ServiceAccess } from '../../model/protocol.js';
import { readSource, type Source } from '../shared/seed-source.js';
import { refusal } from './failure.js';
import { makeLedger, readEntries, writeEntry } from './ledger.js';
import { withConnection } from './session.js';
import { type Statement, statements } from './statements.js';

/**
 * Runs a file of SQL. Its ledger entry goes first as `running`, in the file's own transaction: an error takes it back with all the rest,
 * unless a CREATE, ALTER or DROP has committed by then, and then it stays and tells that the store is half-filled.
 */
export async function seedSql(reach: ServiceAccess, task: SeedTask<'sql'>): Promise<number> {
  const source = await readSource(task, task.step.file);
  const all = [...statements(source.text)];
  await withConnection(reach, async (connection) => {
    await makeLedger(connection, reach);
    await connection.promise().query('SET autocommit = 0');
    await writeEntry(connection, reach, { ...task.entry, state: 'running' });
    for (const batch of batches(all)) {
      await run(connection, source, batch).catch(async (failure: Failure) => {
        throw refusal(failure.error, { position: failure.position, left: await takenBack(connection, reach, task) });
      });
    }
    // The ledger is not among the tables that a dump may have locked.
    await connection.promise().query('UNLOCK TABLES');
    await writeEntry(connection, reach, { ...task.entry, state: 'done' });
    await connection.promise().query('COMMIT');
  });
  return all.length;
}

async function takenBack(connection: Connection, reach: ServiceAccess, task: SeedTask): Promise<'nothing' | 'a part'> {
  await connection.promise().query('ROLLBACK; UNLOCK TABLES');
  const entries = await readEntries(connection, reach);
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

function* batches(all: readonly Statement[]): Generator<readonly Statement[]> {
  let batch: Statement[] = [];
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

interface Failure {
  readonly error: unknown;
  readonly position: Position;
}

/** Rejects with a Failure. */
function run(connection: Connection, source: Source, batch: readonly Statement[]): Promise<void> {
  const text = batch.map(({ start, end }) => source.text.slice(start, end)).join(';\n');
  return new Promise((resolve, reject) => {
    let completed = 0;
    const query = connection.query(text);
    query.on('fields', () => {
      completed += 1;
    });
    query.on('end', () => resolve());
    query.on('error', (error) =>
      reject({ error, position: placeOf(error, source, batch[completed] ?? batch[0]) } satisfies Failure),
    );
  });
}

/** The server counts lines from the statement's first one: `… near 'x' at line 2`. */
function placeOf(error: Error, source: Source, statement: Statement | undefined): Position {
  const start = source.at(statement?.start ?? 0);
  const line = Number(/ at line (\d+)$/.exec(error.message)?.[1] ?? 1);
  return line === 1 ? start : { ...start, line: start.line + line - 1, column: 1 };
}
