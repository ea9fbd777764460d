import { secretValues } from '../connections/masking.js';
import { engineNames, loadEngine } from '../engines/registry.js';
import { writeConnections } from '../files/connection-files.js';
import { deadline } from '../model/deadline.js';
import type { Environment } from '../model/environment.js';
import { EnvctlError, type ErrorCode } from '../model/errors.js';
import type { ReusePolicy } from '../plan/reconcile.js';
import { runUp, type UpResult } from '../run/run-up.js';
import type { EventSink } from './caller.js';
import { createUpDependencies } from './create-up-dependencies.js';
import { saveDiagnostics } from './failure-diagnostics.js';
import { type ProfileOptions, resolveProfile } from './resolve-profile.js';
import { rollBack } from './roll-back.js';
import { type Session, switchEngine } from './session.js';

export interface BringUpOptions extends ProfileOptions {
  /** Look for newer images first. */
  readonly pull: boolean;
  /** Leave the services of a failed `up` for inspection. */
  readonly keepFailed: boolean;
  /** How to treat an instance that exists already. */
  readonly existing: ReusePolicy;
  /** Overall time limit; null: only each gate's own. */
  readonly timeoutMs: number | null;
}

export interface BroughtUp {
  /** The session on the engine that was used in the end. */
  readonly session: Session;
  readonly running: UpResult;
}

/**
 * Brings the session's environment up. If `auto` chose an engine that cannot run a new instance, tries the fallbacks.
 * A failure after the first change is thrown once its diagnostics are saved and what was created is removed.
 */
export async function bringUp(session: Session, options: BringUpOptions, sink: EventSink): Promise<BroughtUp> {
  try {
    return { session, running: await bringUpOnEngine(session, options, sink) };
  } catch (error) {
    const [next, ...fallbacks] = session.fallbacks;
    if (next === undefined || !hasCode(error, 'IMAGE_MISSING', 'ENGINE_CANNOT_RUN')) throw error;
    const reason = `Using engine "${next}" instead of "${session.engine.name}": ${error.message}`;
    const onFallback = await switchEngine(session, next, { reason, fallbacks });
    return bringUp(onFallback, options, sink).catch((second: unknown) => {
      throw hasCode(second, 'ENGINE_CANNOT_RUN') ? error : second;
    });
  }
}

const hasCode = (error: unknown, ...codes: readonly ErrorCode[]): error is EnvctlError =>
  error instanceof EnvctlError && codes.includes(error.code);

async function bringUpOnEngine(session: Session, options: BringUpOptions, sink: EventSink): Promise<UpResult> {
  const { identity, engine, caller } = session;
  const started = performance.now();
  caller.setCleanupCommand(`envctl down ${identity.id}`);
  const environment = await resolveProfile(session, options);
  await engine.check(environment, caller.signal).catch(async (error: unknown) => {
    throw await preferEngineUnavailable(session, environment, error);
  });
  sink.emit({
    type: 'begin',
    command: 'up',
    instance: identity.id,
    profile: identity.profile,
    engine: engine.name,
    services: environment.services.map(({ name, kind }) => ({ name, kind })),
  });
  if (session.reason !== null) sink.emit({ type: 'notice', text: session.reason });
  const outcome = await runUp(environment, createUpDependencies(session, sink.emit, caller.signal), {
    observed: session.observed,
    secrets: secretValues(environment),
    wholeProfile: options.services.length === 0 && options.without.length === 0,
    pull: options.pull,
    reuse: options.existing,
    named: options.services,
    timeoutMs: options.timeoutMs,
  });
  if (outcome.kind === 'failed') {
    await afterFailure(session, { ...outcome, keepFailed: options.keepFailed, sink });
    throw outcome.error;
  }
  await reportRunning(session, outcome.running, { sink, started });
  return outcome.running;
}

/** The reason why the preferred engine does not answer, if a service could run only there; else `error`. */
async function preferEngineUnavailable(session: Session, environment: Environment, error: unknown): Promise<unknown> {
  const [preferred = ''] = engineNames;
  const { engine, reason, engines, caller } = session;
  const needsContainer =
    !engine.runs.includes('container') && environment.services.some(({ process }) => process === null);
  if (!(error instanceof EnvctlError) || reason === null || engine.name === preferred || !needsContainer) return error;
  const unavailable = await (await loadEngine(preferred, engines)).ping(caller.signal).then(
    () => null,
    (cause: unknown) => cause,
  );
  if (!(unavailable instanceof EnvctlError)) return error;
  return new EnvctlError(unavailable.code, unavailable.message, {
    hint: unavailable.hint,
    detail: `engine ${engine.name}: ${error.message}`,
    cause: unavailable,
  });
}

async function reportRunning(
  { identity, engine }: Session,
  running: UpResult,
  { sink, started }: { readonly sink: EventSink; readonly started: number },
): Promise<void> {
  await writeConnections({ ...identity, engine: engine.name }, running, sink);
  sink.emit({
    type: 'end',
    command: 'up',
    instance: identity.id,
    ms: performance.now() - started,
    connections: running.connections,
    exports: running.exports,
    slowest: running.timings.filter(({ service, ms }) => service !== null && ms >= 1).slice(0, 5),
  });
}

interface UpFailure {
  readonly error: unknown;
  /** Services that this `up` created or started. */
  readonly touched: readonly string[];
  readonly keepFailed: boolean;
  readonly sink: EventSink;
}

async function afterFailure(session: Session, { error, touched, keepFailed, sink }: UpFailure): Promise<void> {
  const { engine, identity } = session;
  const observed = await engine.observe(identity.id, deadline(20_000)).catch(() => session.observed);
  const replicas = observed.filter(({ service }) => touched.includes(service));
  const folder = await saveDiagnostics(session, { error, observed, replicas, timeline: sink.timeline() });
  sink.emit({ type: 'notice', text: `Diagnostics saved to ${folder}` });
  if (error instanceof EnvctlError) sink.emit({ type: 'failed', error });
  if (keepFailed) return;
  await rollBack(session, replicas, deadline(90_000)).catch((second: Error) =>
    sink.emit({
      type: 'notice',
      text: `Cleanup was incomplete, run \`envctl down ${identity.id}\` to finish it: ${second.message}`,
    }),
  );
}
