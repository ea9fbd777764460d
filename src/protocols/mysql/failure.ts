import { EnvctlError } from '../../model/errors.js';
import type { Position } from '../../model/profile.js';
import { codeOf, words } from '../shared/attempt.js';

export interface Blame {
  readonly position: Position;
  /** Whether a part of the seed stayed in the database. */
  readonly left: 'nothing' | 'a part';
}

/** SEED_FAILED in the database's own words; what is that already is given back as it is. */
export function refusal(error: unknown, { position, left }: Blame): EnvctlError {
  if (error instanceof EnvctlError) return error;
  const code = codeOf(error);
  const own = code?.startsWith('ER_') ? ` (${code})` : '';
  return new EnvctlError('SEED_FAILED', `database: ${words(error)}${own}`, {
    hint: left === 'nothing' ? 'Nothing of this file was kept: mend it and run the command again.' : HALF_FILLED,
    position,
    cause: error,
  });
}

const HALF_FILLED =
  'What ran before it stays, since every CREATE, ALTER and DROP commits: mend it, then start from an empty store (envctl down, envctl up).';
