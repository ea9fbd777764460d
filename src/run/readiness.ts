/** Opening a gate: asks its probes until all hold, as fast as is polite, and says why it waits. */

import { formatDuration } from '../model/durations.js';
import { EnvctlError } from '../model/errors.js';
import type { Emit } from '../model/events.js';
import type { Observed } from '../model/observed.js';
import { notYet, type ProbeResult } from '../model/protocol.js';
import type { BoundService, Gate, Service } from '../model/service.js';
import { askProbes, type ProbeAnswer, type ProbeContext } from './probes.js';
import type { ReplicaWatcher } from './replica-watcher.js';

export interface ReadinessContext extends ProbeContext {
  readonly watcher: ReplicaWatcher;
  readonly emit: Emit;
  /** Last lines of a replica, as evidence. */
  readonly lastLines: (replica: Observed) => Promise<string>;
}

/** Opens when every replica's probes hold. Throws SERVICE_FAILED as soon as it cannot, GATE_TIMEOUT when the time is over. */
export async function awaitGate(service: BoundService, context: ReadinessContext): Promise<void> {
  const numbers = Array.from({ length: service.scale }, (_, index) => index + 1);
  await Promise.all(numbers.map((number) => awaitReplica({ service, number }, context)));
}

/** Asks once; used before `up` says ready. Log lines once seen stay seen. */
export async function checkOnce(service: BoundService, context: ReadinessContext): Promise<ProbeResult> {
  const replicas = context.watcher.of(service.name).filter((one) => one.replica <= service.scale);
  if (replicas.length < service.scale) return gone;
  for (const replica of replicas) {
    const failed = failureOf(service, replica);
    if (failed) return { kind: 'never', why: failed };
    if (replica.state === 'exited') continue;
    const probes = service.gate.probes.filter((probe) => probe.kind !== 'log');
    const answer = await askProbes(probes, { replica, context });
    if (answer.result.kind !== 'ready') return answer.result;
  }
  return { kind: 'ready' };
}

interface Waiting {
  readonly service: BoundService;
  readonly number: number;
}

async function awaitReplica({ service, number }: Waiting, context: ReadinessContext): Promise<void> {
  const deadline = performance.now() + service.gate.timeoutMs;
  const pace = paceOf(service.gate);
  let said = '';
  let heldSince: number | null = null;
  for (;;) {
    context.signal.throwIfAborted();
    const replica = await present(service.name, number, context.watcher);
    const asked = performance.now();
    const answer = replica ? await askPresent(service, replica, context) : { probe: 'state', result: gone };
    if (answer.result.kind === 'never') throw await failed(service, { why: answer.result.why, replica }, context);
    heldSince = answer.result.kind === 'ready' ? (heldSince ?? asked) : null;
    const holdMs = holdOf(service.gate, replica);
    if (heldSince !== null && performance.now() - heldSince >= holdMs) return;
    const why = answer.result.kind === 'ready' ? `holding for ${formatDuration(holdMs)}` : answer.result.why;
    if (why !== said) context.emit({ type: 'waiting', service: service.name, probe: answer.probe, why });
    said = why;
    if (performance.now() > deadline) throw await timedOut(service, { why, replica }, context);
    await context.watcher.changed(service.name, pace.next(performance.now() - asked, answer.probe));
  }
}

/** A look may be older than the start: only a fresh one that lacks the replica proves that somebody removed it. */
async function present(service: string, number: number, watcher: ReplicaWatcher): Promise<Observed | undefined> {
  const find = (): Observed | undefined => watcher.of(service).find((one) => one.replica === number);
  if (!find()) await watcher.refresh();
  return find();
}

const gone: ProbeResult = { kind: 'never', why: 'is gone: somebody removed it' };

/** What goes while it is asked makes an engine's answers fail; the state tells why. */
async function askPresent(service: BoundService, replica: Observed, context: ReadinessContext): Promise<ProbeAnswer> {
  try {
    return await ask(service, replica, context);
  } catch (error) {
    context.signal.throwIfAborted();
    await context.watcher.refresh();
    const now = context.watcher.of(service.name).find((one) => one.replica === replica.replica);
    if (now?.state === 'running') throw error;
    return { probe: 'state', result: now ? notYet(now.state) : gone };
  }
}

const firstMomentMs = 500;

/** A program that cannot even begin runs for a moment before it ends: where nothing is asked of it, a fresh start has to outlive that. */
function holdOf({ probes, stableMs }: Gate, replica: Observed | undefined): number {
  const unasked = probes.every(({ kind }) => kind === 'running');
  const fresh = replica?.state === 'running' && Math.abs(Date.now() - (replica.startedAt ?? 0)) < 5000;
  return unasked && fresh ? Math.max(stableMs, firstMomentMs) : stableMs;
}

async function ask(service: BoundService, replica: Observed, context: ReadinessContext): Promise<ProbeAnswer> {
  const failure = failureOf(service, replica);
  if (failure) return { probe: 'state', result: { kind: 'never', why: failure } };
  if (replica.state === 'exited') return { probe: 'state', result: { kind: 'ready' } };
  if (replica.state !== 'running') return { probe: 'state', result: notYet(replica.state) };
  return askProbes(service.gate.probes, { replica, context });
}

/** Why waiting cannot help; undefined: it may. An adopted service that exits 0 is a job. */
function failureOf(service: Service, replica: Observed): string | undefined {
  if (replica.state === 'dead') return 'is dead';
  if (replica.state === 'exited') {
    if (replica.exitCode === 0 && service.once !== 'no') return undefined;
    if (replica.exitCode === 0) return 'exited 0, but is not a job (once: true makes it one)';
    return `exited (${replica.exitCode ?? 'unknown'})${replica.oomKilled || replica.exitCode === 137 ? ', probably out of memory' : ''}`;
  }
  return replica.restarts >= 3 ? `keeps crashing: restarted ${replica.restarts} times` : undefined;
}

interface Pace {
  /** The rest behind an attempt that `probe` answered. */
  next(lastedMs: number, probe: string): number;
}

/** Wire protocols and logs are cheap and asked every 25 to 100 ms; what starts a process rests twice as long as it ran, 100 ms to 1 s. */
function paceOf(gate: Gate): Pace {
  const { intervalMs } = gate;
  if (intervalMs !== null) return { next: () => intervalMs };
  const cheap = gate.probes.every(({ kind }) => kind === 'protocol' || kind === 'log' || kind === 'running');
  let rest = 25;
  return {
    next: (lasted, probe) => {
      if (!cheap && probe !== 'log') return Math.min(1000, Math.max(100, 2 * lasted));
      rest = Math.min(100, rest * 1.1);
      return rest;
    },
  };
}

interface Failure {
  readonly why: string;
  readonly replica: Observed | undefined;
}

async function failed(service: Service, { why, replica }: Failure, context: ReadinessContext): Promise<EnvctlError> {
  return new EnvctlError('SERVICE_FAILED', `${service.name} ${why}`, {
    hint: 'Its last lines stand above, and its log is in the evidence that is kept; `up --keep` leaves it to be looked at.',
    ...(replica ? { detail: await context.lastLines(replica) } : {}),
    position: service.position,
    service: service.name,
  });
}

async function timedOut(
  service: BoundService,
  { why, replica }: Failure,
  context: ReadinessContext,
): Promise<EnvctlError> {
  return new EnvctlError(
    'GATE_TIMEOUT',
    `${service.name} was not ready after ${formatDuration(service.gate.timeoutMs)}: ${why}`,
    {
      hint: `If it is only slow, raise its time: timeout: ${Math.ceil((service.gate.timeoutMs * 2) / 1000)}s.`,
      ...(replica ? { detail: await context.lastLines(replica) } : {}),
      position: service.position,
      service: service.name,
    },
  );
}
