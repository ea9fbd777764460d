import type { Redis } from 'ioredis';
import type { ProbeResult, ServiceAccess } from '../../model/protocol.js';
import { ATTEMPT_MS, attempt, never, notYet, ready, words } from '../shared/attempt.js';
import { login } from '../shared/login.js';
import { newClient, open } from './session.js';

/** Ready when the server answers PONG and has its data: while it still loads them, it accepts connections and refuses commands. */
export async function probeRedis(reach: ServiceAccess): Promise<ProbeResult> {
  return attempt(reach, async (at, signal) => {
    const client = newClient(at, signal, ATTEMPT_MS);
    try {
      await open(client, reach);
      return await ask(client);
    } catch (error) {
      return refused(reach, error);
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

async function refused(reach: ServiceAccess, error: unknown): Promise<ProbeResult> {
  const said = words(error);
  if (said.startsWith('WRONGPASS') || said.startsWith('ERR invalid password')) return never(said);
  if (!said.startsWith('NOAUTH')) throw error;
  return login(reach).password === '' ? askLog(reach, said) : never(said);
}

/** What Redis and Valkey log when their data are loaded and their sockets answer. */
const READY_LINE = 'Ready to accept connections';

/** An adopted server may keep its password in a file of its own. NOAUTH comes before LOADING, so its log has to say the rest. */
async function askLog(reach: ServiceAccess, said: string): Promise<ProbeResult> {
  for await (const line of reach.logs()) if (line.includes(READY_LINE)) return ready;
  return notYet(`${said} (its password is not known here: with: { password: … })`);
}
