import { EnvctlError } from '../../model/errors.js';
import type { LedgerEntry } from '../../model/protocol.js';
import type { SeedStep, Service } from '../../model/service.js';
import { declarationOf, stepName } from '../../profile/seeds/kinds.js';

export type SeedDecision =
  /** `fresh`: the store holds no former version of the step. */
  | { readonly kind: 'run'; readonly fresh: boolean }
  | { readonly kind: 'skip' }
  | { readonly kind: 'refuse'; readonly why: 'interrupted' | 'changed' };

/** `entry`: what the store's ledger records of this step. */
export function seedDecision(step: SeedStep, hash: string, entry: LedgerEntry | undefined): SeedDecision {
  if (entry === undefined) return { kind: 'run', fresh: true };
  const declaration = declarationOf(step);
  if (entry.state === 'running')
    return declaration.interrupted === 'refuse'
      ? { kind: 'refuse', why: 'interrupted' }
      : { kind: 'run', fresh: false };
  if (entry.hash === hash) return { kind: 'skip' };
  return declaration.changed === 'reapply' ? { kind: 'run', fresh: false } : { kind: 'refuse', why: 'changed' };
}

const reasons = {
  interrupted: 'was interrupted and left its store half-filled',
  changed: 'changed after it was applied, and the store still holds the former version',
} as const;

export function seedRefused({ name }: Service, step: SeedStep, why: keyof typeof reasons): EnvctlError {
  return new EnvctlError('SEED_CHANGED', `Seed "${stepName(step)}" of "${name}" ${reasons[why]}`, {
    hint: 'Start with an empty store: run `envctl down`, then `envctl up`.',
    position: step.position,
    service: name,
  });
}
