import { once } from 'node:events';
import { connect, Socket } from 'node:net';
import { Client } from 'pg';
import type { Address } from '../../model/connection.js';
import type { ServiceAccess } from '../../model/protocol.js';
import { unreachable } from '../shared/errors.js';
import { login } from '../shared/login.js';

export interface PostgresSessionOptions {
  readonly at: Address;
  /** Destroys the connection when it aborts. */
  readonly signal: AbortSignal;
  /** Server settings in the form of `postgres -c name=value`. */
  readonly settings: string;
}

/** A port may accept a connection and never answer. */
const CONNECT_MS = 5000;

/** A client that is not connected yet. Every value is set, or the driver would read the user's PG* variables. */
export function newClient(access: ServiceAccess, { at, signal, settings }: PostgresSessionOptions): Client {
  const { user, password, database } = login(access);
  const client = new Client({
    host: at.host,
    port: at.port,
    user: user || 'postgres',
    password: () => password,
    database: database || user || 'postgres',
    ssl: false,
    options: settings,
    application_name: 'envctl',
    connectionTimeoutMillis: CONNECT_MS,
    stream: () => new Socket({ signal }),
  });
  // The driver emits an event besides rejecting; without a listener that would end the process.
  client.on('error', () => undefined);
  return client;
}

/** Runs `work` on its own connection, for seeds and the ledger; only the caller's signal limits it. */
export async function withClient<T>(access: ServiceAccess, work: (client: Client) => Promise<T>): Promise<T> {
  access.signal.throwIfAborted();
  if (access.address === null) throw unreachable(access.service);
  const client = newClient(access, {
    at: access.address,
    signal: access.signal,
    settings: '-c client_min_messages=warning',
  });
  try {
    await client.connect();
    return await work(client);
  } finally {
    // The server rolls back before it closes the socket, so nothing half-done is visible after this.
    await (access.signal.aborted ? cancel(client, access.address) : client.end()).catch(() => undefined);
  }
}

/** Runs `work` in one transaction. */
export async function inTransaction<T>(access: ServiceAccess, work: (client: Client) => Promise<T>): Promise<T> {
  return withClient(access, async (client) => {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  });
}

/** Code of a CancelRequest (https://www.postgresql.org/docs/current/protocol-message-formats.html). */
const CANCEL = 80877102;
const CANCEL_MS = 500;

/** A working server does not notice a lost client: without this the statement would continue and keep its locks. */
async function cancel(client: Client, at: Address): Promise<void> {
  const [processId, secret] = [Reflect.get(client, 'processID'), Reflect.get(client, 'secretKey')];
  if (typeof processId !== 'number' || typeof secret !== 'number') return;
  const request = Buffer.alloc(16);
  for (const [index, value] of [16, CANCEL, processId, secret].entries()) request.writeInt32BE(value, index * 4);
  const socket = connect({ ...at, timeout: CANCEL_MS });
  socket.on('timeout', () => socket.destroy()).on('error', () => undefined);
  socket.resume().end(request);
  await once(socket, 'close');
}
