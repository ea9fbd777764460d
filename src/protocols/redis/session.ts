import { Redis } from 'ioredis';
import type { Address } from '../../model/connection.js';
import type { ServiceAccess } from '../../model/protocol.js';
import { unreachable } from '../shared/errors.js';
import { login } from '../shared/login.js';

/**
 * A client that tries once, queues nothing and never reconnects. Only its `error` event has the cause of a failed
 * connection.
 */
export function newClient({ host, port }: Address, signal: AbortSignal, connectMs: number): Redis {
  const client = new Redis({
    host,
    port,
    lazyConnect: true,
    connectTimeout: connectMs,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    disableClientInfo: true,
    // RESP3 starts with HELLO, which servers before 6 do not know.
    protocol: 2,
  });
  signal.addEventListener('abort', () => client.disconnect(), { once: true });
  return client;
}

/** Connects and logs in. Rejects with the system's error, or the server's. */
export async function open(client: Redis, access: ServiceAccess): Promise<void> {
  let cause: unknown;
  client.on('error', (error) => {
    cause = error;
  });
  await client.connect().catch((error: unknown) => {
    throw cause ?? error;
  });
  const { user, password } = login(access);
  if (password === '') return;
  try {
    await client.call('AUTH', ...(user === '' || user === 'default' ? [password] : [user, password]));
  } catch (error) {
    // A server without a password refuses AUTH (`ERR AUTH <password> called without any password configured`).
    if (!/without any password configured|no password is set/i.test(String(error))) throw error;
  }
}

const CONNECT_MS = 5000;

/** Runs `work` on its own connection, for seeds and the ledger; only the caller's signal limits it. */
export async function withClient<T>(access: ServiceAccess, work: (client: Redis) => Promise<T>): Promise<T> {
  access.signal.throwIfAborted();
  if (access.address === null) throw unreachable(access.service);
  const client = newClient(access.address, access.signal, CONNECT_MS);
  try {
    await open(client, access);
    return await work(client);
  } finally {
    client.disconnect();
  }
}
