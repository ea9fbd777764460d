import { deadline } from '../model/deadline.js';
import { formatDuration } from '../model/durations.js';
import type { Observed } from '../model/observed.js';
import type { ServiceAccess } from '../model/protocol.js';
import { wasStopped } from '../plan/reconcile.js';
import { askProbes } from '../run/readiness/probes.js';
import type { ReplicaWatcher } from '../run/replicas/replica-watcher.js';
import { serviceAccess } from '../run/service-access.js';
import { createUpDependencies } from './create-up-dependencies.js';
import type { Session } from './session.js';

/** Bounds a probe that reads a long log or runs a program that does not end. */
const probeTimeoutMs = 5000;

/** `ready`, or why a replica's gate is not open. Tries its probes once; needs labels only, no profile. */
export async function gateStatus(seen: Observed, session: Session): Promise<string> {
  const { record } = seen;
  if (seen.state === 'exited') return exitedStatus(seen);
  if (seen.state !== 'running') return 'not ready';
  // An earlier version of envctl recorded no probes.
  if (!record?.probes) return seen.health ?? 'running';
  const { signal } = session.caller;
  const limit = deadline(probeTimeoutMs, signal);
  const dependencies = createUpDependencies(session, () => undefined, limit);
  const secrets = Object.keys(record.secrets).map((name) => [name, dependencies.secret(seen, name)] as const);
  const parameters = { ...record.parameters, ...Object.fromEntries(secrets) };
  const watcher = fixedReplicas(session);
  const access = (port: string): ServiceAccess =>
    serviceAccess({ replica: seen, port, parameters, watcher, engine: session.engine, signal: limit });
  try {
    const { result } = await askProbes(record.probes, { ...dependencies, access, followMs: 0 });
    if (result.kind !== 'ready') return result.why;
    return record.probes.every(({ kind }) => kind === 'running') ? 'running' : 'ready';
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) return `no answer within ${formatDuration(probeTimeoutMs)}`;
    throw error;
  }
}

/** A job is done when it exits with 0. A server that exits with 0 or by a stop signal was stopped. */
function exitedStatus(seen: Observed): string {
  const { record, exitCode } = seen;
  const isServer = record !== null && !record.once && Object.keys(record.ports).length > 0;
  if (exitCode === 0 && !isServer) return 'done';
  return wasStopped(seen) ? 'stopped' : 'failed';
}

/** The replicas as the session saw them; they are not observed again. */
const fixedReplicas = ({ observed }: Session): Pick<ReplicaWatcher, 'of' | 'refresh'> => ({
  of: (service) => observed.filter((seen) => seen.service === service),
  refresh: async () => undefined,
});
