import { EnvctlError } from '../../model/errors.js';
import type { Position } from '../../model/profile.js';
import type { RunSeed } from '../../model/protocol.js';
import type { SeedKind } from '../../model/service.js';
import { isBug } from './attempt.js';

/** Runs a seed and reports the store's errors as `failure`; an abort, a bug or an EnvctlError passes through. */
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
