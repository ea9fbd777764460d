import { type EngineOptions, loadEngine } from '../engines/registry.js';
import { type LastUp, readLastUp } from '../files/connection-files.js';
import { lockInstance } from '../files/lock.js';
import { userKey } from '../files/secrets.js';
import { engineFolders, userFolders } from '../files/xdg-directories.js';
import type { Emit } from '../model/events.js';
import type { Caller } from './caller.js';
import { chooseEngine, type EngineChoice } from './choose-engine.js';
import { type InstanceIdentity, type InstanceRequest, locateInstance } from './locate-instance.js';
import { type SecretLookup, secretLookup } from './secret-lookup.js';

export interface SessionRequest extends InstanceRequest {
  /** An engine's name or `auto`. */
  readonly engine: string;
}

/** One instance, its engine, and what ran when the session was opened. */
export interface Session extends EngineChoice {
  readonly identity: InstanceIdentity;
  readonly engines: EngineOptions;
  readonly lastUp: LastUp;
  readonly secrets: SecretLookup;
  readonly caller: Caller;
}

export interface LockedSessionOptions {
  readonly caller: Caller;
  /** Receives a notice if another command holds the lock. */
  readonly emit: Emit;
  /** Time to wait for the lock; null: ten minutes. */
  readonly waitMs?: number | null;
}

const defaultLockWaitMs = 600_000;

/** Opens an instance for reading. Takes no lock and waits for no other command. */
export async function openSession(request: SessionRequest, caller: Caller): Promise<Session> {
  return sessionOn(await locateInstance(request, caller), request.engine, caller);
}

/** Runs `work` while no other command can change the instance. Throws LOCKED if the lock is not free in time. */
export async function withSession<Result>(
  request: SessionRequest,
  { caller, emit, waitMs }: LockedSessionOptions,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const identity = await locateInstance(request, caller);
  const lock = await lockInstance(identity.id, {
    signal: caller.signal,
    waitMs: waitMs ?? defaultLockWaitMs,
    onWait: () => emit({ type: 'notice', text: `Waiting for another envctl command on ${identity.id}` }),
  });
  try {
    return await work(await sessionOn(identity, request.engine, caller));
  } finally {
    await lock.release();
  }
}

async function sessionOn(identity: InstanceIdentity, wanted: string, caller: Caller): Promise<Session> {
  const engines = engineOptions(caller.env);
  const [choice, lastUp, key] = await Promise.all([
    chooseEngine({ wanted, identity, engines, signal: caller.signal }),
    readLastUp(identity),
    userKey(userFolders(caller.env).state),
  ]);
  const secrets = secretLookup({ instance: identity.id, observed: choice.observed, lastUp, key });
  return { ...choice, identity, engines, lastUp, secrets, caller };
}

export function engineOptions(env: Caller['env']): EngineOptions {
  return {
    env,
    folders: engineFolders(env),
    substitution: async () => (await import('../files/image-substitution.js')).imageSubstitution(env, userFolders(env)),
  };
}

/** The same session on another engine. Only for an instance that does not exist yet. */
export async function switchEngine(
  session: Session,
  name: string,
  choice: Pick<EngineChoice, 'reason' | 'fallbacks'>,
): Promise<Session> {
  return { ...session, ...choice, engine: await loadEngine(name, session.engines) };
}

/** The same session after its engine was asked again. */
export async function refreshSession(session: Session, signal: AbortSignal): Promise<Session> {
  return { ...session, observed: await session.engine.observe(session.identity.id, signal) };
}
