import { EnvctlError } from '../../model/errors.js';
import type { Position } from '../../model/profile.js';
import type { RunSeed } from '../../model/protocol.js';
import type { SeedKind } from '../../model/service.js';
import { isBug } from './errors.js';

/** The hint for a seed that was rolled back. */
export const NOTHING_LEFT = 'The file was rolled back: fix it and run the command again.';

/** Runs a seed and turns the store's errors into `failure`; an abort, a bug or an EnvctlError passes through. */
export function withFailures<K extends SeedKind>(
  run: RunSeed<K>,
  failure: (error: unknown, step: Position) => EnvctlError,
): RunSeed<K> {
  return async (access, task) => {
    try {
      return await run(access, task);
    } catch (error) {
      access.signal.throwIfAborted();
      if (error instanceof EnvctlError || isBug(error)) throw error;
      throw failure(error, task.step.position);
    }
  };
}
