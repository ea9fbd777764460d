import type { ChainableCommander } from 'ioredis';
import type { Ledger, LedgerEntry, ServiceAccess } from '../../model/protocol.js';
import { reportingLedger } from '../shared/ledger.js';
import { withClient } from './session.js';
import { execute } from './transaction.js';

/** A hash of the seeds that ran: step → `done <content hash>`. */
const LEDGER = 'envctl:seeds';

export function redisLedger(access: ServiceAccess): Ledger {
  return reportingLedger(access, {
    read: () => withClient(access, async (client) => entriesIn(await client.hgetall(LEDGER))),
    write: (entry) => withClient(access, (client) => execute(addEntry(client.multi(), entry))),
  });
}

/** Adds the write of one entry to a transaction. */
export const addEntry = (multi: ChainableCommander, { index, state, hash }: LedgerEntry): ChainableCommander =>
  multi.hset(LEDGER, String(index), `${state} ${hash}`);

function entriesIn(fields: Readonly<Record<string, string>>): readonly LedgerEntry[] {
  const entries = Object.entries(fields).map(([index, text]) => {
    const [state, hash = ''] = text.split(' ', 2);
    return { index: Number(index), hash, state: state === 'done' ? ('done' as const) : ('running' as const) };
  });
  return entries.sort((a, b) => a.index - b.index);
}
