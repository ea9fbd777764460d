import type { Redis } from 'ioredis';
import { never, notYet, type ProbeResult, ready, type ServiceAccess } from '../../model/protocol.js';
import { ATTEMPT_MS, attempt } from '../shared/attempt.js';
import { messageOf } from '../shared/errors.js';
import { login } from '../shared/login.js';
import { newClient, open } from './session.js';

/**
 * Ready when the server answers PONG and has loaded its data; while it loads them, it accepts connections and refuses
 * commands.
 */
export async function probeRedis(access: ServiceAccess): Promise<ProbeResult> {
  return attempt(access, async (at, signal) => {
    const client = newClient(at, signal, ATTEMPT_MS);
    try {
      await open(client, access);
      return await ask(client);
    } catch (error) {
      return refused(access, error);
    } finally {
      client.disconnect();
    }
  });
}

async function ask(client: Redis): Promise<ProbeResult> {
  const [pong, persistence] = await Promise.all([client.ping(), client.info('persistence')]);
  if (pong !== 'PONG') return notYet(`answers ${String(pong)} to PING`);
  return /^loading:0/m.test(persistence) ? ready : notYet('loading its data');
}

async function refused(access: ServiceAccess, error: unknown): Promise<ProbeResult> {
  const message = messageOf(error);
  if (message.startsWith('WRONGPASS') || message.startsWith('ERR invalid password')) return never(message);
  if (!message.startsWith('NOAUTH')) throw error;
  return login(access).password === '' ? askLog(access, message) : never(message);
}

/** Logged by Redis and Valkey when their data is loaded and their sockets answer. */
const READY_LINE = 'Ready to accept connections';

/**
 * An adopted server may keep its password in a file in its container. NOAUTH comes before LOADING, so only the log
 * shows whether the data is loaded.
 */
async function askLog(access: ServiceAccess, message: string): Promise<ProbeResult> {
  for await (const line of access.logs()) if (line.includes(READY_LINE)) return ready;
  return notYet(`${message} (its password is unknown; set it: \`with: { password: … }\`)`);
}
