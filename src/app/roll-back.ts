import type { Observed } from '../model/observed.js';
import type { Session } from './session.js';
import { keptBefore } from './tear-down.js';

/** Removes what a failed `up` created. Replicas and data that existed before stay. */
export async function rollBack(session: Session, replicas: readonly Observed[], signal: AbortSignal): Promise<void> {
  const { engine, identity, observed } = session;
  if (observed.length === 0) {
    await engine.remove(identity.id, { graceMs: 0, data: 'remove', except: keptBefore(session) }, signal);
    return;
  }
  const created = replicas.filter((seen) => !observed.some(({ id }) => id === seen.id));
  await engine.removeServices(
    identity.id,
    created.map(({ service }) => ({ service, keepReplicas: 0 })),
    signal,
  );
}
