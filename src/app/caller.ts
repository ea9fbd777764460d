import { resolve } from 'node:path';
import { masker } from '../connections/masking.js';
import type { Emit } from '../model/events.js';

/** The command line or a program that uses the library. Below it nothing reads `process.env` or `process.cwd()`. */
export interface Caller {
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute folder: profiles are searched from here upwards, and relative paths start here. */
  readonly cwd: string;
  /** Remembers the command that finishes the cleanup if the user exits without waiting for it. */
  setCleanupCommand(command: string): void;
  /** Hides secrets in all output from now on. A secret that equals one of `publicNames` stays visible. */
  hide(secrets: readonly string[], publicNames?: readonly string[]): Promise<void>;
  readonly mask: (text: string) => string;
}

export interface CallerOptions {
  readonly cwd?: string;
  readonly env?: Caller['env'];
  readonly signal?: AbortSignal;
}

/** A program that uses the library. */
export function programCaller({
  cwd = '.',
  env = process.env,
  signal = new AbortController().signal,
}: CallerOptions): Caller {
  let mask = (text: string): string => text;
  return {
    signal,
    env,
    cwd: resolve(cwd),
    setCleanupCommand: () => undefined,
    hide: async (secrets, publicNames = []) => {
      mask = masker(secrets, publicNames);
    },
    mask: (text) => mask(text),
  };
}

/** Shows the events of a command and records them. */
export interface EventSink {
  readonly emit: Emit;
  /** The events so far, one JSON object per line, secrets hidden. */
  timeline(): string;
  close(): Promise<void>;
}
