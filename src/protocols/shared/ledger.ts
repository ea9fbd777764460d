import { EnvctlError } from '../../model/errors.js';
import type { Ledger, ServiceAccess } from '../../model/protocol.js';
import { isBug, messageOf } from './errors.js';

/** A ledger that throws SEED_FAILED with the store's message if the store does not answer. */
export function reportingLedger(access: ServiceAccess, ledger: Ledger): Ledger {
  const fail = (error: unknown): never => {
    access.signal.throwIfAborted();
    if (error instanceof EnvctlError || isBug(error)) throw error;
    throw new EnvctlError('SEED_FAILED', `Cannot read the seeds of service "${access.service}": ${messageOf(error)}`, {
      hint: `See its log: \`envctl logs ${access.service}\`.`,
      service: access.service,
      cause: error,
    });
  };
  return { read: () => ledger.read().catch(fail), write: (entry) => ledger.write(entry).catch(fail) };
}
