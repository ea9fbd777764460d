import { deadline } from '../model/deadline.js';
import { formatDuration } from '../model/durations.js';
import type { Observed } from '../model/observed.js';
import type { ServiceAccess } from '../model/protocol.js';
import { wasStopped } from '../plan/reconcile.js';
import { askProbes } from '../run/probes.js';
import type { ReplicaWatcher } from '../run/replica-watcher.js';
import { serviceAccess } from '../run/service-access.js';
import { type Session, upDependencies } from './session.js';

/** What every service's gate answers now, one attempt each: from labels alone, so that no profile file is needed. */
export async function gateAnswers(session: Session, signal: AbortSignal): Promise<(seen: Observed) => string> {
  const answers = await Promise.all(
    session.observed.map(async (seen) => [seen.id, await answerOf(seen, session, signal)] as const),
  );
  const byId = new Map(answers);
  return (seen) => byId.get(seen.id) ?? '';
}

/** A log may be long, and a program may not come back. */
const patienceMs = 5000;

async function answerOf(seen: Observed, session: Session, signal: AbortSignal): Promise<string> {
  const { record } = seen;
  if (seen.state === 'exited') return ended(seen);
  if (seen.state !== 'running') return 'not ready';
  // A record without probes was made by an earlier version.
  if (!record?.probes) return seen.health ?? 'running';
  const limit = deadline(patienceMs, signal);
  const tools = upDependencies(session, () => undefined, limit);
  const secrets = Object.keys(record.secrets).map((name) => [name, tools.secret(seen, name)] as const);
  const parameters = { ...record.parameters, ...Object.fromEntries(secrets) };
  const reach = (replica: Observed, port: string): ServiceAccess =>
    serviceAccess({ replica, port, parameters, watcher: still(session), engine: session.engine, signal: limit });
  try {
    const { result } = await askProbes(record.probes, { replica: seen, context: { ...tools, reach, followMs: 0 } });
    if (result.kind !== 'ready') return result.why;
    return record.probes.every(({ kind }) => kind === 'running') ? 'running' : 'ready';
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) return `no answer within ${formatDuration(patienceMs)}`;
    throw error;
  }
}

/** A job ends by itself; what listens does not, and was stopped where it ended well or by a signal that stops. */
function ended(seen: Observed): string {
  const { record, exitCode } = seen;
  const listens = record !== null && !record.once && Object.keys(record.ports).length > 0;
  if (exitCode === 0 && !listens) return 'done';
  return wasStopped(seen) ? 'stopped' : 'failed';
}

/** A watcher that knows only the look the session began with. */
const still = (session: Session): Pick<ReplicaWatcher, 'of' | 'refresh'> => ({
  of: (service) => session.observed.filter((seen) => seen.service === service),
  refresh: async () => undefined,
});
