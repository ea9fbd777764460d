import type { Gate } from '../../model/service.js';
import { isCheap } from '../../profile/probes/kinds.js';

/** Time to wait after an attempt that took `attemptMs` and was answered by `probe`. */
export type RetryDelay = (attemptMs: number, probe: string) => number;

/**
 * Backoff of a gate. If all its probes are cheap (wire protocols, logs), they are asked again after 25 to 100 ms. If
 * one starts a process, the delay is twice the time of the attempt, 100 ms to 1 s.
 */
export function retryDelay({ intervalMs, probes }: Gate): RetryDelay {
  if (intervalMs !== null) return () => intervalMs;
  const cheap = probes.every(isCheap);
  let delay = 25;
  return (attemptMs, probe) => {
    if (!cheap && probe !== 'log') return Math.min(1000, Math.max(100, 2 * attemptMs));
    delay = Math.min(100, delay * 1.1);
    return delay;
  };
}
