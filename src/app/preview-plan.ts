import { secretValues } from '../connections/masking.js';
import type { Emit } from '../model/events.js';
import type { Plan } from '../model/plan.js';
import { planEnvironment } from '../run/plan-environment.js';
import { createUpDependencies } from './create-up-dependencies.js';
import { type ProfileOptions, resolveProfile } from './resolve-profile.js';
import type { Session } from './session.js';

export interface PreviewOptions extends ProfileOptions {
  readonly emit: Emit;
}

/** The steps `up` would take, worked out from local images alone. Changes nothing. */
export async function previewPlan(session: Session, { emit, ...options }: PreviewOptions): Promise<Plan> {
  const environment = await resolveProfile(session, options);
  const { plan } = await planEnvironment(environment, createUpDependencies(session, emit, session.caller.signal), {
    observed: session.observed,
    secrets: secretValues(environment),
    reuse: 'reconcile',
    named: options.services,
    wholeProfile: options.services.length === 0 && options.without.length === 0,
    images: 'local',
    pull: false,
  });
  return plan;
}
