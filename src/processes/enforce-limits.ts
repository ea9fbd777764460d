import type { Readable } from 'node:stream';

/** How long a program may take to end after SIGTERM. */
const graceMs = 2000;

export interface ProcessLimits {
  readonly signal: AbortSignal;
  readonly timeoutMs?: number | undefined;
  /** The program shares the caller's process group, so only itself is ended. */
  readonly interactive: boolean;
}

export interface LimitedProcess {
  /** undefined: it could not be started. */
  readonly pid?: number | undefined;
  readonly stdout?: Readable | null;
  readonly stderr?: Readable | null;
}

/** Ends the process group at the time limit and on abort. */
export function enforceLimits(child: LimitedProcess, options: ProcessLimits): { timedOut(): boolean; stop(): void } {
  let timedOut = false;
  let killTimer: NodeJS.Timeout | undefined;
  const end = (): void => {
    signalGroup(child, 'SIGTERM', options);
    killTimer ??= setTimeout(() => endAtOnce(child, options), graceMs);
  };
  const timer =
    options.timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          end();
        }, options.timeoutMs);
  options.signal.addEventListener('abort', end, { once: true });
  return {
    timedOut: () => timedOut,
    stop: () => {
      clearTimeout(timer);
      clearTimeout(killTimer);
      // The program has ended; a helper that ignored SIGTERM may not have.
      if (killTimer !== undefined) signalGroup(child, 'SIGKILL', options);
      options.signal.removeEventListener('abort', end);
    },
  };
}

/** Closes the pipes too: a helper that left the group must not keep the caller waiting. */
function endAtOnce(child: LimitedProcess, options: ProcessLimits): void {
  signalGroup(child, 'SIGKILL', options);
  child.stdout?.destroy();
  child.stderr?.destroy();
}

function signalGroup(child: LimitedProcess, signal: NodeJS.Signals, { interactive }: ProcessLimits): void {
  if (child.pid === undefined) return;
  try {
    process.kill(interactive || process.platform === 'win32' ? child.pid : -child.pid, signal);
  } catch {
    // It has ended already.
  }
}
