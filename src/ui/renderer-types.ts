import type { Emit } from '../model/events.js';

export interface Renderer {
  readonly emit: Emit;
  /** Stops timers, restores the terminal, and resolves when all is written. Can be called twice and at any moment. */
  close(): Promise<void>;
}

/** The stream for progress, such as `process.stderr`. */
export interface OutputStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
}
