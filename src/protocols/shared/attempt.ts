import type { Address } from '../../model/connection.js';
import { formatDuration } from '../../model/durations.js';
import type { ProbeResult, ServiceAccess } from '../../model/protocol.js';

export const ready: ProbeResult = { kind: 'ready' };
export const notYet = (why: string): ProbeResult => ({ kind: 'not-yet', why });
export const never = (why: string): ProbeResult => ({ kind: 'never', why });

/** Longest that one attempt may take, in ms: long enough for a busy machine, short enough to notice a change. */
export const ATTEMPT_MS = 2000;

/**
 * One bounded attempt. `ask` gets the address and a signal that destroys its sockets, at the latest when the attempt is over.
 * What it throws is told as not-yet; the promise rejects only when the caller aborts, with the caller's reason.
 */
export async function attempt(
  reach: ServiceAccess,
  ask: (at: Address, signal: AbortSignal) => Promise<ProbeResult>,
  limitMs = ATTEMPT_MS,
): Promise<ProbeResult> {
  reach.signal.throwIfAborted();
  if (reach.at === null) return never('no address of it can be reached from this host');
  const over = new AbortController();
  const end = (): void => over.abort();
  const timer = setTimeout(end, limitMs);
  reach.signal.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([ask(reach.at, over.signal), rejectedBy(over.signal)]);
  } catch (error) {
    reach.signal.throwIfAborted();
    return notYet(over.signal.aborted ? `no answer within ${formatDuration(limitMs)}` : words(error));
  } finally {
    clearTimeout(timer);
    reach.signal.removeEventListener('abort', end);
    over.abort();
  }
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
}

const spoken: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection closed by the server',
  EPIPE: 'connection closed by the server',
  PROTOCOL_CONNECTION_LOST: 'connection closed by the server',
  ETIMEDOUT: 'no answer to the connection',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ENOTFOUND: 'host name unknown',
};

/** An error in a few words: the server's own where it spoke, else what happened to the connection. */
export function words(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = codeOf(error);
  if (code !== undefined && Object.hasOwn(spoken, code)) return spoken[code] ?? code;
  if (/terminated unexpectedly|closed unexpectedly|socket hang up|Socket closed/i.test(error.message))
    return 'connection closed by the server';
  return error.message.split('\n', 1)[0] || error.name;
}

/** The `code` a driver or the system put on an error. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whether an error tells of our own mistake rather than of a server's answer. */
export function isBug(error: unknown): boolean {
  return (
    !(error instanceof Error) ||
    error.message.startsWith('bug:') ||
    ['TypeError', 'RangeError', 'ReferenceError'].includes(error.name)
  );
}
