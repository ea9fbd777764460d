/** What `up` and `run` share: resolve, bring up, and after a failure keep the evidence and clear away what was made. */

import { publicWords, secretValues } from '../connections/masking.js';
import { engineNames, loadEngine } from '../engines/registry.js';
import { writeConnections } from '../files/connection-files.js';
import { writeFailureDirectory } from '../files/failure-directory.js';
import { deadline } from '../model/deadline.js';
import type { Environment, Storage } from '../model/environment.js';
import { EnvctlError } from '../model/errors.js';
import type { Observed } from '../model/observed.js';
import type { ReusePolicy } from '../plan/reconcile.js';
import { lastLines } from '../run/step-handlers.js';
import { type Running, up } from '../run/up.js';
import type { CallerContext, Screen } from './caller.js';
import { resolveProfile } from './resolve-profile.js';
import { keptBefore, type Session, upDependencies, withEngine } from './session.js';

export interface BringUpOptions {
  /** Parameters by name. */
  readonly set: Readonly<Record<string, string>>;
  readonly composeProfile: readonly string[];
  readonly services: readonly string[];
  readonly without: readonly string[];
  readonly storage: 'memory' | 'disk' | 'auto';
  readonly ephemeral: boolean;
  readonly fixedPorts: boolean;
  readonly pull: boolean;
  readonly keep: boolean;
  readonly reuse: ReusePolicy;
  readonly timeoutMs: number | null;
}

/** The resolved environment of a session, with the storage it has or shall have. */
export async function resolveFor(
  session: Session,
  options: BringUpOptions,
  context: CallerContext,
): Promise<Environment> {
  const environment = await resolveProfile(session, {
    set: options.set,
    selection: {
      only: options.services,
      without: options.without,
      composeProfiles: [...options.composeProfile, ...composeProfiles(context.env)],
    },
    storage: storageOf(session, options),
    fixedPorts: options.fixedPorts,
  });
  await context.hide(secretValues(environment), publicWords(environment));
  return environment;
}

const composeProfiles = (environment: CallerContext['env']): readonly string[] =>
  (environment.COMPOSE_PROFILES ?? '').split(',').filter(Boolean);

/** Decided when the instance is created, and changed only by being asked. */
function storageOf(session: Session, { storage, ephemeral }: BringUpOptions): Storage {
  if (storage !== 'auto') return storage;
  const existing = session.observed.find((seen) => seen.record !== null)?.record?.storage;
  return existing ?? (ephemeral ? 'memory' : 'disk');
}

/**
 * Brings the session's environment up. Where nobody asked for the engine and it cannot have what a new instance needs,
 * the next one is tried. Throws what made it fail, evidence kept.
 */
export async function bringUp(
  session: Session,
  options: BringUpOptions,
  { context, screen }: { context: CallerContext; screen: Screen },
): Promise<BroughtUp> {
  const [next, ...others] = session.choice.others;
  try {
    return { session, running: await bringUpOnEngine(session, options, { context, screen }) };
  } catch (error) {
    const passable =
      error instanceof EnvctlError && (error.code === 'IMAGE_MISSING' || error.code === 'ENGINE_CANNOT_RUN');
    if (!passable) throw error;
    if (next === undefined) throw error;
    const instead = await withEngine(session, next, {
      why: `engine ${next} instead of ${session.engine.name}: ${error.message}`,
      others,
    });
    return bringUp(instead, options, { context, screen }).catch((second: unknown) => {
      throw second instanceof EnvctlError && second.code === 'ENGINE_CANNOT_RUN' ? error : second;
    });
  }
}

/**
 * Where the preferred engine was passed over because it does not answer, and a service can only run there, that is what is to be mended.
 * What could be installed instead is told as it is.
 */
async function preferEngineUnavailable(session: Session, environment: Environment, error: unknown): Promise<unknown> {
  const [preferred = ''] = engineNames;
  const formless = environment.services.some(
    ({ process }) => process === null && !session.engine.runs.includes('container'),
  );
  if (!(error instanceof EnvctlError) || session.choice.why === null || session.engine.name === preferred || !formless)
    return error;
  const engine = await loadEngine(preferred, session.engines);
  const silent = await engine.ping(session.options.signal).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(silent instanceof EnvctlError)) return error;
  return new EnvctlError(silent.code, silent.message, {
    hint: silent.hint,
    detail: `engine ${session.engine.name}: ${error.message}`,
    cause: silent,
  });
}

export interface BroughtUp {
  /** The session with the engine that it really runs on. */
  readonly session: Session;
  readonly running: Running;
}

async function bringUpOnEngine(
  session: Session,
  options: BringUpOptions,
  { context, screen }: { context: CallerContext; screen: Screen },
): Promise<Running> {
  const { identity, engine } = session;
  const started = performance.now();
  context.finishWith(`envctl down ${identity.id}`);
  const environment = await resolveFor(session, options, context);
  const tools = upDependencies(session, screen.emit, context.signal);
  await engine.check(environment, context.signal).catch(async (error: unknown) => {
    throw await preferEngineUnavailable(session, environment, error);
  });
  screen.emit({
    type: 'begin',
    command: 'up',
    instance: identity.id,
    profile: identity.profile,
    engine: engine.name,
    services: environment.services.map(({ name, kind }) => ({ name, kind })),
  });
  if (session.choice.why !== null) screen.emit({ type: 'notice', text: session.choice.why });
  const outcome = await up(environment, tools, {
    observed: session.observed,
    secrets: secretValues(environment),
    wholeProfile: options.services.length === 0 && options.without.length === 0,
    pull: options.pull,
    reuse: options.reuse,
    named: options.services,
    timeoutMs: options.timeoutMs,
  });
  if (outcome.kind === 'failed')
    throw await rollBack(outcome.error, { session, options, context, screen, touched: outcome.touched });
  const { running } = outcome;
  await writeConnections({ ...identity, engine: engine.name }, running, screen);
  screen.emit({
    type: 'end',
    command: 'up',
    instance: identity.id,
    ms: performance.now() - started,
    connections: running.connections,
    exports: running.exports,
    slowest: running.timings.filter((timing) => timing.service !== null && timing.ms >= 1).slice(0, 5),
  });
  return running;
}

interface Failure {
  readonly session: Session;
  readonly options: BringUpOptions;
  readonly context: CallerContext;
  readonly screen: Screen;
  readonly touched: readonly string[];
}

/** Evidence first, then removal of what this `up` made; what was there before stays, data always. */
async function rollBack(error: unknown, { session, options, context, screen, touched }: Failure): Promise<unknown> {
  const { engine, identity } = session;
  const observed = await engine.observe(identity.id, deadline(20_000)).catch(() => session.observed);
  const mine = observed.filter((seen) => touched.includes(seen.service));
  const logs = await Promise.all(
    mine.map(async (seen) => [`${seen.service}-${seen.replica}`, await lastLines(engine, seen)] as const),
  );
  const folder = await writeFailureDirectory(identity, {
    error,
    observed,
    logs: Object.fromEntries(logs),
    timeline: screen.timeline(),
    mask: context.mask,
  });
  screen.emit({ type: 'notice', text: `evidence kept in ${folder}` });
  if (error instanceof EnvctlError) screen.emit({ type: 'failed', error });
  if (options.keep) return error;
  await removeMade(session, { mine, signal: deadline(90_000) }).catch((second: unknown) =>
    screen.emit({
      type: 'notice',
      text: `not all of it could be removed (envctl down does): ${(second as Error).message}`,
    }),
  );
  return error;
}

async function removeMade(
  { engine, identity, observed, ...session }: Session,
  { mine, signal }: { readonly mine: readonly Observed[]; readonly signal: AbortSignal },
): Promise<void> {
  if (observed.length === 0) {
    await engine.remove(identity.id, { graceMs: 0, data: 'remove', except: keptBefore(session) }, signal);
    return;
  }
  const made = mine.filter((seen) => !observed.some((before) => before.id === seen.id));
  await engine.removeServices(
    identity.id,
    made.map((seen) => ({ service: seen.service, keepReplicas: 0 })),
    signal,
  );
}
