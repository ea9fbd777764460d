import { pipeline } from 'node:stream/promises';
import type { Client, Connection, Submittable } from 'pg';
import copyStreams from 'pg-copy-streams';
import type { SeedTask, ServiceAccess } from '../../model/protocol.js';
import { readSeedFile, type SeedFile } from '../shared/seed-file.js';
import { fieldOf, inCopy, refusal } from './failure.js';
import { writeEntry } from './ledger.js';
import { inTransaction } from './session.js';
import { type ScriptPart, scriptParts } from './split-script.js';

/** Runs an SQL file, pg_dump's COPY blocks included, and writes its ledger entry, in one transaction. */
export async function seedSql(access: ServiceAccess, task: SeedTask<'sql'>): Promise<number> {
  const source = await readSeedFile(task, task.step.file);
  const all = [...scriptParts(source)];
  return inTransaction(access, async (client) => {
    // Comes first, since the file may change the role or the search path of the session.
    await writeEntry(client, { ...task.entry, state: 'done' });
    let done = 0;
    for (const part of all) done += await run(client, source, part);
    return done;
  });
}

async function run(client: Client, source: SeedFile, part: ScriptPart): Promise<number> {
  if (part.kind === 'copy') {
    await sendRows(client, part.text, [part.data]).catch((error: unknown) => {
      const position = inCopy(error, source.at(part.dataStart)) ?? source.at(part.start + offsetIn(part.text, error));
      throw refusal(error, position);
    });
    return 1;
  }
  const batch = newBatch(part.text);
  client.query(batch.query);
  await batch.finished.catch((error: unknown) => {
    const offset = hasPosition(error)
      ? part.start + offsetIn(part.text, error)
      : (part.starts[batch.completed()] ?? part.start);
    throw refusal(error, source.at(offset));
  });
  return part.starts.length;
}

/** Sends the rows of a `COPY … FROM STDIN` and returns their number. */
export async function sendRows(
  client: Client,
  statement: string,
  chunks: Iterable<string | Uint8Array>,
): Promise<number> {
  const rows = client.query(copyStreams.from(statement.replace(/;$/, '')));
  await pipeline(chunks, rows);
  return rows.rowCount;
}

interface Batch {
  readonly query: Submittable;
  readonly finished: Promise<void>;
  /** Statements that succeeded; if the server reports no position, the next one failed. */
  completed(): number;
}

/** Several statements in one simple query; their rows are dropped. Replaces the driver's own Query object. */
function newBatch(text: string): Batch {
  let completed = 0;
  let settle: { resolve: () => void; reject: (error: unknown) => void } | null = null;
  const finished = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  const ignore = (): void => undefined;
  const query = {
    submit: (connection: Connection) => connection.query(text),
    handleRowDescription: ignore,
    handleDataRow: ignore,
    handleEmptyQuery: ignore,
    handleCopyData: ignore,
    handleCopyInResponse: (connection: { sendCopyFail(why: string): void }) =>
      connection.sendCopyFail('no rows follow'),
    handleCommandComplete: () => {
      completed += 1;
    },
    handleError: (error: unknown) => settle?.reject(error),
    handleReadyForQuery: () => settle?.resolve(),
  };
  return { query, finished, completed: () => completed };
}

function hasPosition(error: unknown): boolean {
  return fieldOf(error, 'position') !== undefined;
}

/** The server counts characters from 1 where JavaScript counts UTF-16 units from 0. */
function offsetIn(text: string, error: unknown): number {
  let offset = 0;
  for (let left = Number(fieldOf(error, 'position') ?? 1) - 1; left > 0 && offset < text.length; left--) {
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  }
  return offset;
}
