import { pipeline } from 'node:stream/promises';
import type { Client, Connection, Submittable } from 'pg';
import copyStreams from 'pg-copy-streams';
import type { SeedTask, ServiceAccess } from '../../model/protocol.js';
import { readSource, type Source } from '../shared/seed-source.js';
import { at, inCopy, refusal } from './failure.js';
import { writeEntry } from './ledger.js';
import { type Piece, pieces } from './script.js';
import { inTransaction } from './session.js';

/** Runs a file of SQL, pg_dump's COPY blocks included, as one transaction together with its ledger entry. */
export async function seedSql(reach: ServiceAccess, task: SeedTask<'sql'>): Promise<number> {
  const source = await readSource(task, task.step.file);
  const all = [...pieces(source)];
  return inTransaction(reach, async (client) => {
    // First, since the file may change the role or the search path of the session.
    await writeEntry(client, { ...task.entry, state: 'done' });
    let done = 0;
    for (const piece of all) done += await run(client, source, piece);
    return done;
  });
}

async function run(client: Client, source: Source, piece: Piece): Promise<number> {
  if (piece.kind === 'copy') {
    await sendRows(client, piece.text, [piece.data]).catch((error: unknown) => {
      const position =
        inCopy(error, source.at(piece.dataStart)) ?? source.at(piece.start + offsetIn(piece.text, error));
      throw refusal(error, position);
    });
    return 1;
  }
  const batch = newBatch(piece.text);
  client.query(batch.query);
  await batch.finished.catch((error: unknown) => {
    const offset = hasPosition(error)
      ? piece.start + offsetIn(piece.text, error)
      : (piece.starts[batch.completed()] ?? piece.start);
    throw refusal(error, source.at(offset));
  });
  return piece.starts.length;
}

/** Rows for a `COPY … FROM STDIN`; gives their number. */
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
  /** Statements that were carried out: where the server names no place, the next one is at fault. */
  completed(): number;
}

/** Several statements in one simple query; their rows are dropped. The object is what the driver's own Query is to it. */
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
  return at(error, 'position') !== undefined;
}

/** The server counts characters from 1 where JavaScript counts UTF-16 units from 0. */
function offsetIn(text: string, error: unknown): number {
  let offset = 0;
  for (let left = Number(at(error, 'position') ?? 1) - 1; left > 0 && offset < text.length; left--) {
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  }
  return offset;
}
