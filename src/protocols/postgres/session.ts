import { once } from 'node:events';
import { connect, Socket } from 'node:net';
import { Client } from 'pg';
import type { Address } from '../../model/connection.js';
import type { ServiceAccess } from '../../model/protocol.js';
import { login } from '../shared/login.js';

export interface SessionOptions {
  readonly at: Address;
  /** Destroys the connection when it aborts. */
  readonly signal: AbortSignal;
  /** Server settings in the form of `postgres -c name=value`. */
  readonly settings: string;
}

/** A port may accept and stay silent for ever. */
const CONNECT_MS = 5000;

/** A client that has not connected yet. Every value is given, or the driver would take it from the developer's PG* variables. */
export function newClient(reach: ServiceAccess, { at, signal, settings }: SessionOptions): Client {
  const { user, password, database } = login(reach);
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
  // The driver emits what it also rejects with; unheard, that would end the process.
  client.on('error', () => undefined);
  return client;
}

/** Work on a connection of its own, for seeds and the ledger: no limit but the caller's signal. */
export async function withClient<T>(reach: ServiceAccess, work: (client: Client) => Promise<T>): Promise<T> {
  reach.signal.throwIfAborted();
  if (reach.at === null) throw new Error(`no address of ${reach.service} can be reached from this host`);
  const client = newClient(reach, { at: reach.at, signal: reach.signal, settings: '-c client_min_messages=warning' });
  try {
    await client.connect();
    return await work(client);
  } finally {
    // The server rolls back before it lets go of the socket, so nothing half-done is visible after this.
    await (reach.signal.aborted ? cancel(client, reach.at) : client.end()).catch(() => undefined);
  }
}

/** `work` and what it writes, all or nothing. */
export async function inTransaction<T>(reach: ServiceAccess, work: (client: Client) => Promise<T>): Promise<T> {
  return withClient(reach, async (client) => {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  });
}

/** Code of a CancelRequest (https://www.postgresql.org/docs/current/protocol-message-formats.html). */
const CANCEL = 80877102;
const CANCEL_MS = 500;

/** A server does not notice a lost client while it works: unasked, the statement would go on and keep its locks. */
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
