/** Waits for gates: asks a service's probes until all succeed, and reports why it is still waiting. */

import { formatDuration } from '../../model/durations.js';
import { EnvctlError } from '../../model/errors.js';
import type { Observed } from '../../model/observed.js';
import type { BoundService, Gate } from '../../model/service.js';
import { keepHint } from '../keep-hint.js';
import { lastLines } from '../last-lines.js';
import type { ReplicaWatcher } from '../replicas/replica-watcher.js';
import type { UpContext } from '../up-context.js';
import { checkReplica, missingReplica, stateProbe } from './check-replica.js';
import type { ProbeAnswer } from './probes.js';
import { retryDelay } from './retry-delay.js';

/** Resolves when all replicas are ready. Throws SERVICE_FAILED if one no longer can be, GATE_TIMEOUT at the limit. */
export async function awaitGate(service: BoundService, run: UpContext): Promise<void> {
  const numbers = Array.from({ length: service.scale }, (_, index) => index + 1);
  await Promise.all(numbers.map((number) => awaitReplica(service, number, run)));
}

async function awaitReplica(service: BoundService, number: number, run: UpContext): Promise<void> {
  const giveUpAt = performance.now() + service.gate.timeoutMs;
  const delayAfter = retryDelay(service.gate);
  let reported = '';
  let readySince: number | null = null;
  for (;;) {
    run.signal.throwIfAborted();
    const replica = await findReplica(service.name, number, run.watcher);
    const askedAt = performance.now();
    const answer = replica ? await checkReplica(service, replica, run) : missingReplica;
    if (answer.result.kind === 'never') throw await serviceFailed(service, { answer, replica }, run);
    readySince = answer.result.kind === 'ready' ? (readySince ?? askedAt) : null;
    const holdMs = holdTime(service.gate, replica);
    if (readySince !== null && performance.now() - readySince >= holdMs) return;
    const why = answer.result.kind === 'ready' ? `must stay ready for ${formatDuration(holdMs)}` : answer.result.why;
    if (why !== reported) run.emit({ type: 'waiting', service: service.name, probe: answer.probe, why });
    reported = why;
    if (performance.now() > giveUpAt) throw await gateTimeout(service, { why, replica }, run);
    await run.watcher.changed(service.name, delayAfter(performance.now() - askedAt, answer.probe));
  }
}

/** An observation may be older than the start; only a fresh one without the replica proves that it was removed. */
async function findReplica(service: string, number: number, watcher: ReplicaWatcher): Promise<Observed | undefined> {
  const find = (): Observed | undefined => watcher.of(service).find(({ replica }) => replica === number);
  if (find() === undefined) await watcher.refresh();
  return find();
}

const firstMomentMs = 500;

/** A program that fails at once still runs for a moment, which a fresh start must outlive if no probe asks it. */
function holdTime({ probes, stableMs }: Gate, replica: Observed | undefined): number {
  const unasked = probes.every(({ kind }) => kind === 'running');
  const fresh = replica?.state === 'running' && Math.abs(Date.now() - (replica.startedAt ?? 0)) < 5000;
  return unasked && fresh ? Math.max(stableMs, firstMomentMs) : stableMs;
}

async function serviceFailed(
  { name, position }: BoundService,
  { answer: { probe, result }, replica }: { readonly answer: ProbeAnswer; readonly replica: Observed | undefined },
  { engine }: UpContext,
): Promise<EnvctlError> {
  const why = result.kind === 'ready' ? '' : result.why;
  const message = probe === stateProbe ? `Service "${name}" ${why}` : `Service "${name}" cannot become ready: ${why}`;
  return new EnvctlError('SERVICE_FAILED', message, {
    hint: `The last log lines are above; more is in \`.envctl/failures/\`. ${keepHint}`,
    ...(replica ? { detail: await lastLines(engine, replica) } : {}),
    position,
    service: name,
  });
}

async function gateTimeout(
  { name, position, gate: { timeoutMs } }: BoundService,
  { why, replica }: { readonly why: string; readonly replica: Observed | undefined },
  { engine }: UpContext,
): Promise<EnvctlError> {
  return new EnvctlError('GATE_TIMEOUT', `Service "${name}" was not ready after ${formatDuration(timeoutMs)}: ${why}`, {
    hint: `If it is only slow, raise its time limit: \`timeout: ${Math.ceil((timeoutMs * 2) / 1000)}s\`.`,
    ...(replica ? { detail: await lastLines(engine, replica) } : {}),
    position,
    service: name,
  });
}
