/** How busy this machine's processors are. */
import { cpus } from 'node:os';
import { now, pause } from './wire.mjs';

/** Milliseconds that all processors together have worked since the machine started. */
export function worked() {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}

const windowMs = 500;
const quiet = 0.1;

/** Resolves when at most a tenth of the processors' time was used for half a second, or after `maxWaitMs`: what ran before has ended by then. */
export async function untilQuiet(maxWaitMs) {
  const deadline = now() + maxWaitMs;
  do {
    const [before, began] = [worked(), now()];
    await pause(windowMs);
    if ((worked() - before) / ((now() - began) * cpus().length) <= quiet) return;
  } while (now() < deadline);
}
