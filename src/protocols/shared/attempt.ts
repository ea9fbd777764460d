import type { Address } from '../../model/connection.js';
import { formatDuration } from '../../model/durations.js';
import { never, notYet, type ProbeResult, type ServiceAccess } from '../../model/protocol.js';
import { messageOf } from './errors.js';

/** Time limit of one attempt in ms: long enough for a busy machine, short enough to notice a change. */
export const ATTEMPT_MS = 2000;

/**
 * One bounded attempt. `ask` gets the address and a signal that aborts when the attempt ends, so that its sockets are
 * destroyed. What it throws becomes `not-yet`; the promise rejects only if the caller aborts, with the caller's reason.
 */
export async function attempt(
  access: ServiceAccess,
  ask: (at: Address, signal: AbortSignal) => Promise<ProbeResult>,
  limitMs = ATTEMPT_MS,
): Promise<ProbeResult> {
  access.signal.throwIfAborted();
  if (access.address === null) return never('no address of it can be reached from this host');
  const over = new AbortController();
  const end = (): void => over.abort();
  const timer = setTimeout(end, limitMs);
  access.signal.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([ask(access.address, over.signal), rejectedBy(over.signal)]);
  } catch (error) {
    access.signal.throwIfAborted();
    return notYet(over.signal.aborted ? `no answer within ${formatDuration(limitMs)}` : messageOf(error));
  } finally {
    clearTimeout(timer);
    access.signal.removeEventListener('abort', end);
    over.abort();
  }
}

/** Rejects when `signal` aborts, for drivers that never settle a query on a destroyed connection. */
export function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
}
