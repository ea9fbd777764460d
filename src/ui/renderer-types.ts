import type { Emit } from '../model/events.js';

export interface Renderer {
  readonly emit: Emit;
  /** Stops timers, gives the terminal back, and settles when all is written. Safe to call twice and at any moment. */
  close(): Promise<void>;
}

/** Where progress is written; `process.stderr` is one. */
export interface OutputStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
}
