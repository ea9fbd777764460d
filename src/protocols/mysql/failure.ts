import { EnvctlError } from '../../model/errors.js';
import type { Position } from '../../model/profile.js';
import { codeOf, messageOf } from '../shared/errors.js';
import { NOTHING_LEFT } from '../shared/seed-failures.js';

export interface FailurePlace {
  readonly position: Position;
  /** How much of the seed is still in the database. */
  readonly left: 'nothing' | 'a part';
}

/** SEED_FAILED with the database's message; an EnvctlError stays unchanged. */
export function refusal(error: unknown, { position, left }: FailurePlace): EnvctlError {
  if (error instanceof EnvctlError) return error;
  const code = codeOf(error);
  const own = code?.startsWith('ER_') ? ` (${code})` : '';
  return new EnvctlError('SEED_FAILED', `Database: ${messageOf(error)}${own}`, {
    hint: left === 'nothing' ? NOTHING_LEFT : HALF_FILLED,
    position,
    cause: error,
  });
}

const HALF_FILLED =
  'Every CREATE, ALTER and DROP commits, so statements before it remain. Fix it, then start from an empty store: ' +
  '`envctl down`, then `envctl up`.';
