import { resolveFor } from '../../app/bring-up.js';
import type { Screen } from '../../app/caller.js';
import { openSession, type Session, upDependencies } from '../../app/session.js';
import { secretValues } from '../../connections/masking.js';
import { planEnvironment } from '../../run/up.js';
import type { CliContext } from '../context.js';
import type { GlobalOptions } from '../options.js';
import { openScreen } from '../screen.js';
import { requireRunning } from './env.js';
import { bringUpOptions, type UpCommandOptions, upCommand } from './up.js';

/** `envctl restart`: stops the services (all, unless named) and lets `up` start and gate them again. */
export async function restartCommand(
  profile: string | undefined,
  services: readonly string[],
  options: GlobalOptions & UpCommandOptions,
  context: CliContext,
): Promise<number> {
  const screen = await openScreen(options, context);
  /** What `--without` left out is not there, and stays away. */
  let again = services;
  const session = await openSession({
    ...options,
    name: profile ?? null,
    signal: context.signal,
    env: context.env,
    waiting: (instance) => screen.emit({ type: 'notice', text: `waiting for another envctl command on ${instance}` }),
  });
  try {
    requireRunning(session);
    const jobs = session.observed.filter((seen) => seen.record?.once === true).map((seen) => seen.service);
    const there = [...new Set(session.observed.map((seen) => seen.service))];
    const chosen = services.length > 0 ? services : there.filter((service) => !jobs.includes(service));
    await requireStartable(session, options, { screen, context });
    await session.engine.stop(session.identity.id, chosen, 10_000, context.signal);
    again = services.length > 0 ? services : there;
  } finally {
    await session.release();
    await screen.close();
  }
  return upCommand(profile, again, options, context);
}

/** What cannot be started again is not stopped: throws what `up` would throw before it touches anything. */
async function requireStartable(
  session: Session,
  options: UpCommandOptions,
  { screen, context }: { readonly screen: Screen; readonly context: CliContext },
): Promise<void> {
  const settings = { ...bringUpOptions(options, context), services: [], reuse: 'reconcile' as const };
  const environment = await resolveFor(session, settings, context);
  await session.engine.check(environment, context.signal);
  await planEnvironment(environment, upDependencies(session, screen.emit, context.signal), {
    observed: session.observed,
    secrets: secretValues(environment),
    reuse: 'reconcile',
    named: [],
    wholeProfile: false,
    images: 'make',
    pull: false,
  });
}
