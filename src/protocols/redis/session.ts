import { Redis } from 'ioredis';
import type { Address } from '../../model/connection.js';
import type { ServiceAccess } from '../../model/protocol.js';
import { login } from '../shared/login.js';

/** A client that tries once, queues nothing and never reconnects; the cause of a failed connection is in its `error` event only. */
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
    // RESP3 begins with HELLO, which servers before 6 do not know.
    protocol: 2,
  });
  signal.addEventListener('abort', () => client.disconnect(), { once: true });
  return client;
}

/** Connects and says the password. Rejects with the system's error, or the server's. */
export async function open(client: Redis, reach: ServiceAccess): Promise<void> {
  let cause: unknown;
  client.on('error', (error) => {
    cause = error;
  });
  await client.connect().catch((error: unknown) => {
    throw cause ?? error;
  });
  const { user, password } = login(reach);
  if (password === '') return;
  try {
    await client.call('AUTH', ...(user === '' || user === 'default' ? [password] : [user, password]));
  } catch (error) {
    // A server without a password refuses to be told one (`ERR AUTH <password> called without any password configured`).
    if (!/without any password configured|no password is set/i.test(String(error))) throw error;
  }
}
