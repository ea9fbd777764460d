import { secretValues } from '../connections/masking.js';
import { planEnvironment } from '../run/plan-environment.js';
import { type BringUpOptions, type BroughtUp, bringUp } from './bring-up.js';
import type { EventSink } from './caller.js';
import { createUpDependencies } from './create-up-dependencies.js';
import { resolveProfile } from './resolve-profile.js';
import { requireInstance, serviceNames } from './running-services.js';
import { refreshSession, type Session } from './session.js';

/**
 * Stops services and brings them up again: the given ones, or all but jobs. Services omitted from the last `up` are not
 * started.
 * Throws before it stops anything if the profile could not be brought up again.
 */
export async function restart(
  session: Session,
  options: Omit<BringUpOptions, 'existing'>,
  sink: EventSink,
): Promise<BroughtUp> {
  requireInstance(session);
  const { engine, identity, caller } = session;
  const existing = serviceNames(session);
  const jobs = session.observed.filter(({ record }) => record?.once === true).map(({ service }) => service);
  const chosen = options.services.length > 0 ? options.services : existing.filter((name) => !jobs.includes(name));
  await requireStartable(session, options, sink);
  await engine.stop(identity.id, chosen, caller.signal);
  const services = options.services.length > 0 ? options.services : existing;
  const stopped = await refreshSession(session, caller.signal);
  return bringUp(stopped, { ...options, services, existing: 'reconcile' }, sink);
}

/** Throws what `up` would throw before it changes anything; images are pulled and built. */
async function requireStartable(
  session: Session,
  options: Omit<BringUpOptions, 'existing'>,
  sink: EventSink,
): Promise<void> {
  const { engine, observed, caller } = session;
  const environment = await resolveProfile(session, { ...options, services: [] });
  await engine.check(environment, caller.signal);
  await planEnvironment(environment, createUpDependencies(session, sink.emit, caller.signal), {
    observed,
    secrets: secretValues(environment),
    reuse: 'reconcile',
    named: [],
    wholeProfile: false,
    images: 'make',
    pull: false,
  });
}
