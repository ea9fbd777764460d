import type { Emit } from '../model/events.js';

/** What work needs of whoever calls it: the command line, or a program that uses the library. */
export interface CallerContext {
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What a second interrupt should tell the user to run. */
  finishWith(command: string): void;
  /** Hides secrets in whatever is printed from now on; `words` are public names that a secret may happen to equal. */
  hide(secrets: readonly string[], words?: readonly string[]): Promise<void>;
  readonly mask: (text: string) => string;
}

/** Receives the events of a command, and keeps them. */
export interface Screen {
  readonly emit: Emit;
  /** Events so far, one JSON object a line, secrets hidden. */
  timeline(): string;
  close(): Promise<void>;
}
