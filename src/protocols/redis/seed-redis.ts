import { EnvctlError } from '../../model/errors.js';
import type { SeedTask, ServiceAccess } from '../../model/protocol.js';
import { isBug, messageOf } from '../shared/errors.js';
import { readJson } from '../shared/json-file.js';
import { NOTHING_LEFT } from '../shared/seed-failures.js';
import { keysOf } from './keys.js';
import { addEntry } from './ledger.js';
import { withClient } from './session.js';
import { execute } from './transaction.js';

/** Writes the keys of a JSON file and the ledger entry in one MULTI; existing keys are replaced. */
export async function seedRedis(access: ServiceAccess, task: SeedTask<'redis'>): Promise<number> {
  const source = await readJson(task, task.step.file);
  const keys = keysOf(source);
  await withClient(access, async (client) => {
    const multi = client.multi();
    for (const { key, command, ttlMs } of keys) {
      const [name, ...values] = command;
      multi.del(key).call(name, [key, ...values]);
      if (ttlMs !== null) multi.pexpire(key, ttlMs);
    }
    await execute(addEntry(multi, { ...task.entry, state: 'done' }));
  }).catch((error: unknown) => {
    access.signal.throwIfAborted();
    if (isBug(error)) throw error;
    throw new EnvctlError('SEED_FAILED', `Redis: ${messageOf(error)}`, {
      hint: NOTHING_LEFT,
      position: source.at([]),
      cause: error,
    });
  });
  return keys.length;
}
