import { type Connection, createConnection } from 'mysql2';
import type { Address } from '../../model/connection.js';
import { deadline } from '../../model/deadline.js';
import type { ServiceAccess } from '../../model/protocol.js';
import { login } from '../shared/login.js';

export interface SessionOptions {
  readonly at: Address;
  /** Destroys the connection when it aborts. */
  readonly signal: AbortSignal;
  readonly connectMs: number;
}

/** A connection as the service's user, to its database where it has one. */
export function newConnection(reach: ServiceAccess, { at, signal, connectMs }: SessionOptions): Connection {
  const { user, password, database } = login(reach);
  const connection = createConnection({
    host: at.host,
    port: at.port,
    user: user || 'root',
    password,
    ...(database === '' ? {} : { database }),
    connectTimeout: connectMs,
    multipleStatements: true,
    charset: 'utf8mb4',
  });
  // The driver emits what it also rejects with; unheard, that would end the process.
  connection.on('error', () => undefined);
  signal.addEventListener('abort', () => connection.destroy(), { once: true });
  return connection;
}

const CONNECT_MS = 5000;

/** Work on a connection of its own, for seeds and the ledger: no limit but the caller's signal. */
export async function withConnection<T>(
  reach: ServiceAccess,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  reach.signal.throwIfAborted();
  if (reach.at === null) throw new Error(`no address of ${reach.service} can be reached from this host`);
  const connection = newConnection(reach, { at: reach.at, signal: reach.signal, connectMs: CONNECT_MS });
  try {
    return await Promise.race([work(connection), rejectedBy(reach.signal)]);
  } finally {
    if (reach.signal.aborted) await kill(reach, { at: reach.at, thread: connection.threadId });
    else
      await connection
        .promise()
        .end()
        .catch(() => undefined);
    connection.destroy();
  }
}

const KILL_MS = 500;

/** A server does not notice a lost client while it works: unasked, the statement would go on and keep its locks. */
async function kill(reach: ServiceAccess, { at, thread }: { at: Address; thread: number | null }): Promise<void> {
  if (thread === null) return;
  const signal = deadline(KILL_MS);
  const connection = newConnection(reach, { at, signal, connectMs: KILL_MS });
  await Promise.race([connection.promise().query('KILL ?', [thread]), rejectedBy(signal)]).catch(() => undefined);
  connection.destroy();
}

/** A destroyed connection forgets its queries without a word to those who wait for them. */
function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
}
