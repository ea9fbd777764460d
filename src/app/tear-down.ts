import { removeInstanceFolder, writeEngine } from '../files/instance-directory.js';
import type { RemoveOptions } from '../model/engine.js';
import { EnvctlError } from '../model/errors.js';
import type { Screen } from './caller.js';
import type { Session } from './session.js';

/** Removes the session's instance. Throws TEARDOWN_INCOMPLETE naming what is left. */
export async function takeDown(
  session: Session,
  options: RemoveOptions,
  { screen, signal }: { screen: Screen; signal: AbortSignal },
): Promise<void> {
  const { identity, engine } = session;
  const started = performance.now();
  const services = [
    ...new Map(
      session.observed.map((seen) => [seen.service, { name: seen.service, kind: seen.record?.kind ?? 'service' }]),
    ).values(),
  ];
  screen.emit({
    type: 'begin',
    command: 'down',
    instance: identity.id,
    profile: identity.profile,
    engine: engine.name,
    services,
  });
  const removed = await engine.remove(identity.id, options, signal);
  for (const { name } of services) screen.emit({ type: 'removed', name, what: 'service' });
  for (const name of removed.data) screen.emit({ type: 'removed', name, what: 'data' });
  if (removed.left.length > 0) throw incomplete(identity.id, removed.left);
  await removeInstanceFolder(identity.project, identity.id);
  if ((await engine.kept(identity.id, signal)).length > 0) await writeEngine({ ...identity, engine: engine.name });
  screen.emit({
    type: 'end',
    command: 'down',
    instance: identity.id,
    ms: performance.now() - started,
    connections: [],
    exports: {},
    slowest: [],
  });
}

function incomplete(instance: string, left: readonly { readonly name: string; readonly why: string }[]): EnvctlError {
  return new EnvctlError('TEARDOWN_INCOMPLETE', `${instance} is not wholly gone`, {
    hint: 'Mend what is named, then run envctl down again: it removes the rest.',
    detail: left.map(({ name, why }) => `${name}: ${why}`).join('\n'),
  });
}
