/** Executes a plan: each node as soon as the nodes it depends on are done. Decides nothing. */
import { EnvctlError } from '../model/errors.js';
import type { Plan, PlanNode } from '../model/plan.js';
import { readyDetail } from './readiness/ready-detail.js';
import { executeStep } from './step-handlers.js';
import type { UpContext } from './up-context.js';

export interface Timing {
  readonly service: string | null;
  readonly step: string;
  readonly ms: number;
}

/** Resolves with the time of each node, longest first. The first failure aborts all other nodes and is thrown. */
export async function executePlan(plan: Plan, run: UpContext, abort: AbortController): Promise<readonly Timing[]> {
  const timings: Timing[] = [];
  const done = new Map<string, Deferred>(plan.nodes.map((node) => [node.id, deferred()]));
  const execution: Execution = { plan, run, startedAt: new Map() };
  let failure: unknown = null;
  const execute = async (node: PlanNode): Promise<void> => {
    await Promise.all(node.after.map((id) => done.get(id)?.promise));
    abort.signal.throwIfAborted();
    timings.push(await executeNode(node, execution));
  };
  await Promise.all(
    plan.nodes.map(async (node) => {
      await execute(node).catch((error: unknown) => {
        const consequence = abort.signal.aborted && !(error instanceof EnvctlError);
        failure ??= consequence ? (abort.signal.reason ?? error) : error;
        if (!abort.signal.aborted) abort.abort(failure);
      });
      done.get(node.id)?.resolve();
    }),
  );
  if (failure !== null) throw failure;
  return timings.sort((a, b) => b.ms - a.ms);
}

interface Execution {
  readonly plan: Plan;
  readonly run: UpContext;
  /** When each service was started, by `performance.now()`. */
  readonly startedAt: Map<string, number>;
}

interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function deferred(): Deferred {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** Runs the step of one node, with its events and its time. */
async function executeNode(node: PlanNode, execution: Execution): Promise<Timing> {
  const { service, step, cause } = node;
  const { emit } = execution.run;
  const began = performance.now();
  emit({ type: 'step', service, step, state: 'running', cause });
  const detail = await executeStep(node, execution.run);
  const ms = performance.now() - began;
  if (step === 'start') execution.startedAt.set(service, performance.now());
  emit({ type: 'step', service, step, state: 'done', ms, detail });
  emitReady(node, execution);
  return { service, step, ms };
}

/** A service is ready when its last node is done. */
function emitReady({ id, service, step }: PlanNode, { plan, run, startedAt }: Execution): void {
  if (service === null || step === 'remove' || step === 'skip') return;
  const last = plan.nodes.findLast((node) => node.service === service);
  if (last?.id !== id) return;
  const began = startedAt.get(service);
  const bound = run.services.get(service);
  run.emit({
    type: 'ready',
    service,
    ms: began === undefined ? 0 : performance.now() - began,
    detail: bound ? readyDetail(bound, run) : '',
  });
}
