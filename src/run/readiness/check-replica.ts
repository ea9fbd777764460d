/** Asks once whether a service, or one replica of it, is ready. */
import type { Observed } from '../../model/observed.js';
import { notYet, type ProbeResult } from '../../model/protocol.js';
import type { BoundService, Probe, Service } from '../../model/service.js';
import { accessTo, type UpContext } from '../up-context.js';
import { askProbes, type ProbeAnswer } from './probes.js';

/** Name of the answer that comes from a replica's state and not from a probe. */
export const stateProbe = 'state';

export const missingReplica: ProbeAnswer = { probe: stateProbe, result: { kind: 'never', why: 'was removed' } };

/** One attempt on all replicas. Log probes are left out: a line that was found once stays found. */
export async function checkService(service: BoundService, run: UpContext): Promise<ProbeResult> {
  const replicas = run.watcher.of(service.name).filter(({ replica }) => replica <= service.scale);
  if (replicas.length < service.scale) return missingReplica.result;
  const probes = service.gate.probes.filter(({ kind }) => kind !== 'log');
  for (const replica of replicas) {
    const { result } = await answerOf(service, probes, { replica, run });
    if (result.kind !== 'ready') return result;
  }
  return { kind: 'ready' };
}

/** One attempt on one replica. If it disappears meanwhile, engine calls fail; then its state is the answer. */
export async function checkReplica(service: BoundService, replica: Observed, run: UpContext): Promise<ProbeAnswer> {
  try {
    return await answerOf(service, service.gate.probes, { replica, run });
  } catch (error) {
    run.signal.throwIfAborted();
    await run.watcher.refresh();
    const now = run.watcher.of(service.name).find((other) => other.replica === replica.replica);
    if (now?.state === 'running') throw error;
    return now ? { probe: stateProbe, result: notYet(now.state) } : missingReplica;
  }
}

async function answerOf(
  service: Service,
  probes: readonly Probe[],
  { replica, run }: { readonly replica: Observed; readonly run: UpContext },
): Promise<ProbeAnswer> {
  const failure = failureOf(service, replica);
  if (failure) return { probe: stateProbe, result: { kind: 'never', why: failure } };
  if (replica.state === 'exited') return { probe: stateProbe, result: { kind: 'ready' } };
  if (replica.state !== 'running') return { probe: stateProbe, result: notYet(replica.state) };
  return askProbes(probes, { ...run, access: (port) => accessTo(replica, port, run), followMs: 500 });
}

/** Why waiting cannot help; undefined: it may. An adopted service that exits with code 0 is a job. */
function failureOf({ once }: Service, { state, exitCode, oomKilled, restarts }: Observed): string | undefined {
  if (state === 'dead') return 'is dead';
  if (state !== 'exited') return restarts >= 3 ? `keeps crashing (restarted ${restarts} times)` : undefined;
  if (exitCode === 0) return once === 'no' ? 'exited with code 0 but is not a job (`once: true`)' : undefined;
  const cause = oomKilled || exitCode === 137 ? ', probably out of memory' : '';
  return exitCode === null ? `exited${cause}` : `exited with code ${exitCode}${cause}`;
}
