import type { Observed } from '../model/observed.js';
import type { Session } from './session.js';
import { keptBefore } from './tear-down.js';

type RollBackSession = Pick<Session, 'engine' | 'identity' | 'observed' | 'kept'>;

/** Removes what a failed `up` created. Replicas and data that existed before stay. */
export async function rollBack(
  session: RollBackSession,
  replicas: readonly Observed[],
  signal: AbortSignal,
): Promise<void> {
  const { engine, identity, observed } = session;
  if (observed.length === 0) {
    await engine.remove(identity.id, { graceMs: 0, data: 'remove', except: keptBefore(session) }, signal);
    return;
  }
  const before = new Set(observed.map(({ id }) => id));
  const changed = new Set(replicas.filter(({ id }) => !before.has(id)).map(({ service }) => service));
  const keepReplicas = (service: string): number =>
    Math.max(
      0,
      ...replicas.filter((one) => one.service === service && before.has(one.id)).map(({ replica }) => replica),
    );
  await engine.removeServices(
    identity.id,
    [...changed].map((service) => ({ service, keepReplicas: keepReplicas(service) })),
    signal,
  );
}
