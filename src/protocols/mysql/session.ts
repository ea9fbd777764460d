import { type Connection, createConnection } from 'mysql2';
import type { Address } from '../../model/connection.js';
import { deadline } from '../../model/deadline.js';
import type { ServiceAccess } from '../../model/protocol.js';
import { rejectedBy } from '../shared/attempt.js';
import { unreachable } from '../shared/errors.js';
import { login } from '../shared/login.js';

export interface MysqlSessionOptions {
  readonly at: Address;
  /** Destroys the connection when it aborts. */
  readonly signal: AbortSignal;
  readonly connectMs: number;
}

/** A connection as the service's user, to its database if it has one. */
export function newConnection(access: ServiceAccess, { at, signal, connectMs }: MysqlSessionOptions): Connection {
  const { user, password, database } = login(access);
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
  // The driver emits an event besides rejecting; without a listener that would end the process.
  connection.on('error', () => undefined);
  signal.addEventListener('abort', () => connection.destroy(), { once: true });
  return connection;
}

const CONNECT_MS = 5000;

/** Runs `work` on its own connection, for seeds and the ledger; only the caller's signal limits it. */
export async function withConnection<T>(
  access: ServiceAccess,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  access.signal.throwIfAborted();
  if (access.address === null) throw unreachable(access.service);
  const connection = newConnection(access, { at: access.address, signal: access.signal, connectMs: CONNECT_MS });
  try {
    return await Promise.race([work(connection), rejectedBy(access.signal)]);
  } finally {
    if (access.signal.aborted) await kill(access, { at: access.address, thread: connection.threadId });
    else
      await connection
        .promise()
        .end()
        .catch(() => undefined);
    connection.destroy();
  }
}

const KILL_MS = 500;

/** A working server does not notice a lost client: without this the statement would continue and keep its locks. */
async function kill(access: ServiceAccess, { at, thread }: { at: Address; thread: number | null }): Promise<void> {
  if (thread === null) return;
  const signal = deadline(KILL_MS);
  const connection = newConnection(access, { at, signal, connectMs: KILL_MS });
  await Promise.race([connection.promise().query('KILL ?', [thread]), rejectedBy(signal)]).catch(() => undefined);
  connection.destroy();
}
