import type { Redis } from 'ioredis';
import { EnvctlError } from '../../model/errors.js';
import type { Position } from '../../model/profile.js';
import type { Ledger, LedgerEntry, Protocol, SeedTask, ServiceAccess } from '../../model/protocol.js';
import { isBug, words } from '../shared/attempt.js';
import { readJson } from '../shared/json-source.js';
import { answering } from '../shared/ledger.js';
import { type KeyWrite, keysOf } from './keys.js';
import { probeRedis } from './probe.js';
import { newClient, open } from './session.js';

export const redis: Protocol<'redis'> = { name: 'redis', seeds: { redis: seedKeys }, probe: probeRedis, ledger };

/** Writes the keys of a JSON file and the ledger entry in one MULTI; keys that are there already are replaced. */
async function seedKeys(reach: ServiceAccess, task: SeedTask<'redis'>): Promise<number> {
  const source = await readJson(task, task.step.file);
  const keys = keysOf(source);
  await withClient(reach, (client) => write(client, keys, { ...task.entry, state: 'done' })).catch((error: unknown) => {
    reach.signal.throwIfAborted();
    throw isBug(error) ? error : refusal(error, source.at([]));
  });
  return keys.length;
}

function refusal(error: unknown, position: Position): EnvctlError {
  return new EnvctlError('SEED_FAILED', `Redis: ${words(error)}`, {
    hint: 'Nothing of this file was kept: mend the cause and run the command again.',
    position,
    cause: error,
  });
}

async function write(client: Redis, keys: readonly KeyWrite[], entry: LedgerEntry): Promise<void> {
  const multi = client.multi();
  for (const { key, command, ttlMs } of keys) {
    const [name, ...values] = command;
    multi.del(key).call(name, [key, ...values]);
    if (ttlMs !== null) multi.pexpire(key, ttlMs);
  }
  multi.hset(LEDGER, String(entry.index), `${entry.state} ${entry.hash}`);
  // A refused command makes EXEC fail without a reason of its own; the first refusal has it.
  const results = await multi.exec().catch((error: unknown) => {
    throw (error instanceof Error && Reflect.get(error, 'previousErrors')?.[0]) || error;
  });
  const failed = results?.find(([error]) => error !== null);
  if (failed?.[0]) throw failed[0];
}

/** The hash that holds what was seeded: step → `done <hash>`. */
const LEDGER = 'envctl:seeds';

function ledger(reach: ServiceAccess): Ledger {
  return answering(reach, {
    read: () => withClient(reach, async (client) => entriesIn(await client.hgetall(LEDGER))),
    write: (entry) => withClient(reach, (client) => write(client, [], entry)),
  });
}

function entriesIn(fields: Readonly<Record<string, string>>): readonly LedgerEntry[] {
  const entries = Object.entries(fields).map(([index, text]) => {
    const [state, hash = ''] = text.split(' ', 2);
    return { index: Number(index), hash, state: state === 'done' ? ('done' as const) : ('running' as const) };
  });
  return entries.sort((a, b) => a.index - b.index);
}

const CONNECT_MS = 5000;

async function withClient<T>(reach: ServiceAccess, work: (client: Redis) => Promise<T>): Promise<T> {
  reach.signal.throwIfAborted();
  if (reach.at === null) throw new Error(`no address of ${reach.service} can be reached from this host`);
  const client = newClient(reach.at, reach.signal, CONNECT_MS);
  try {
    await open(client, reach);
    return await work(client);
  } finally {
    client.disconnect();
  }
}
