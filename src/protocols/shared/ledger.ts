import { EnvctlError } from '../../model/errors.js';
import type { Ledger, ServiceAccess } from '../../model/protocol.js';
import { isBug, words } from './attempt.js';

/** A ledger whose store may not answer: throws SEED_FAILED with the store's own words then. */
export function answering(reach: ServiceAccess, ledger: Ledger): Ledger {
  const told = (error: unknown): never => {
    reach.signal.throwIfAborted();
    if (error instanceof EnvctlError || isBug(error)) throw error;
    throw new EnvctlError('SEED_FAILED', `${reach.service} does not say which seeds it holds: ${words(error)}`, {
      hint: `Its log tells more: envctl logs ${reach.service}.`,
      service: reach.service,
      cause: error,
    });
  };
  return { read: () => ledger.read().catch(told), write: (entry) => ledger.write(entry).catch(told) };
}
