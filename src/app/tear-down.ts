import { removeInstanceFolder, writeEngine } from '../files/instance-directory.js';
import type { RemoveOptions } from '../model/engine.js';
import { EnvctlError } from '../model/errors.js';
import type { Observed } from '../model/observed.js';
import type { EventSink } from './caller.js';
import { refreshSession, type Session } from './session.js';

export interface TearDownOptions extends RemoveOptions {
  readonly sink: Pick<EventSink, 'emit'>;
  readonly signal: AbortSignal;
}

/** Removes the session's instance. Throws TEARDOWN_INCOMPLETE with what could not be removed. */
export async function tearDown(session: Session, { sink, signal, ...options }: TearDownOptions): Promise<void> {
  const { identity, engine } = session;
  const started = performance.now();
  const services = servicesOf(session.observed);
  sink.emit({
    type: 'begin',
    command: 'down',
    instance: identity.id,
    profile: identity.profile,
    engine: engine.name,
    services,
  });
  const removed = await engine.remove(identity.id, options, signal);
  for (const { name } of services) sink.emit({ type: 'removed', name, what: 'service' });
  for (const name of removed.data) sink.emit({ type: 'removed', name, what: 'data' });
  if (removed.left.length > 0) throw incomplete(identity.id, removed.left);
  await removeInstanceFolder(identity.project, identity.id);
  if ((await engine.kept(identity.id, signal)).length > 0) await writeEngine({ ...identity, engine: engine.name });
  sink.emit({
    type: 'end',
    command: 'down',
    instance: identity.id,
    ms: performance.now() - started,
    connections: [],
    exports: {},
    slowest: [],
  });
}

/** Removes the instance a session created, without grace, sparing data that was kept before the session. */
export async function tearDownCreated(
  session: Session,
  options: Pick<TearDownOptions, 'sink' | 'signal'>,
): Promise<void> {
  await tearDown(await refreshSession(session, options.signal), {
    ...options,
    graceMs: 0,
    data: 'remove',
    except: keptBefore(session),
  });
}

/** Names of the stores that existed, without services, when the session was opened. */
export const keptBefore = ({ kept }: Pick<Session, 'kept'>): readonly string[] => kept.map(({ name }) => name);

function servicesOf(observed: readonly Observed[]): readonly { readonly name: string; readonly kind: string }[] {
  const kinds = new Map(observed.map(({ service, record }) => [service, record?.kind ?? 'service']));
  return [...kinds].map(([name, kind]) => ({ name, kind }));
}

function incomplete(instance: string, left: readonly { readonly name: string; readonly why: string }[]): EnvctlError {
  return new EnvctlError('TEARDOWN_INCOMPLETE', `Could not remove everything in "${instance}"`, {
    hint: 'Fix the problems above, then run `envctl down` again.',
    detail: left.map(({ name, why }) => `${name}: ${why}`).join('\n'),
  });
}
