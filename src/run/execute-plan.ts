/** Carries a plan out: every node the moment what it waits for is done. Decides nothing. */

import { EnvctlError } from '../model/errors.js';
import type { Emit, EnvEvent } from '../model/events.js';
import type { Observed } from '../model/observed.js';
import type { Plan, PlanNode } from '../model/plan.js';
import type { BoundService } from '../model/service.js';
import { probeName } from '../plan/probe-name.js';
import { awaitGate, checkOnce, type ReadinessContext } from './readiness.js';

export interface Timing {
  readonly service: string | null;
  readonly step: string;
  readonly ms: number;
}

/** What the nodes of a plan do, one function a kind of step. */
export interface StepActions {
  readonly remove: (service: string, keepReplicas: number) => Promise<void>;
  readonly create: (services: readonly string[]) => Promise<void>;
  readonly start: (service: string) => Promise<readonly Observed[]>;
  readonly seed: (service: string) => Promise<void>;
}

export interface RunContext {
  readonly plan: Plan;
  readonly services: ReadonlyMap<string, BoundService>;
  readonly actions: StepActions;
  readonly gates: ReadinessContext;
  readonly emit: Emit;
  /** Ends every other node when one fails. */
  readonly abort: AbortController;
}

/** Resolves with the time each node took, longest first; rejects with the first failure, everything else ended. */
export async function executePlan(context: RunContext): Promise<readonly Timing[]> {
  const { nodes } = context.plan;
  const timings: Timing[] = [];
  const settled = new Map<string, Deferred>(nodes.map((node) => [node.id, deferred()]));
  const started = new Map<string, number>();
  let failure: unknown = null;
  const carry = async (node: PlanNode): Promise<void> => {
    await Promise.all(node.after.map((id) => settled.get(id)?.promise));
    context.abort.signal.throwIfAborted();
    timings.push(await executeNode(node, { ...context, started }));
    settled.get(node.id)?.resolve();
  };
  const running = nodes.map((node) =>
    carry(node).catch((error: unknown) => {
      failure ??=
        context.abort.signal.aborted && !(error instanceof EnvctlError)
          ? (context.abort.signal.reason ?? error)
          : error;
      if (!context.abort.signal.aborted) context.abort.abort(failure);
      settled.get(node.id)?.resolve();
    }),
  );
  await Promise.all(running);
  if (failure !== null) throw failure;
  return timings.sort((a, b) => b.ms - a.ms);
}

interface Carrying extends RunContext {
  /** When each service was started, as `performance.now()` says it. */
  readonly started: Map<string, number>;
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

async function executeNode(node: PlanNode, context: Carrying): Promise<Timing> {
  const started = performance.now();
  context.emit({ type: 'step', service: node.service, step: node.step, state: 'running', cause: node.cause });
  const detail = await steps[node.step](node as never, context);
  const ms = performance.now() - started;
  context.emit({ type: 'step', service: node.service, step: node.step, state: 'done', ms, detail });
  if (node.service !== null) emitReady(node.service, node, context);
  return { service: node.service, step: node.step, ms };
}

const steps: {
  readonly [K in PlanNode['step']]: (node: Extract<PlanNode, { step: K }>, context: Carrying) => Promise<string>;
} = {
  remove: async (node, { actions }) => {
    await actions.remove(node.service, node.keepReplicas);
    return node.cause;
  },
  create: async (node, { actions }) => {
    await actions.create(node.services);
    return `${node.services.length} services`;
  },
  start: async (node, { actions, gates, started }) => {
    await gates.watcher.starting(node.service, () => actions.start(node.service));
    started.set(node.service, performance.now());
    return node.cause;
  },
  reuse: async (node) => node.cause,
  skip: async (node) => node.cause,
  gate: async (node, { gates, services }) => {
    const service = serviceOf(services, node.service);
    await awaitGate(service, gates);
    return gateDetail(service, gates);
  },
  seed: async (node, { actions }) => {
    await actions.seed(node.service);
    return '';
  },
  recheck: async (node, context) => {
    await context.gates.watcher.refresh();
    await Promise.all(node.services.map((name) => recheckService(serviceOf(context.services, name), context)));
    return '';
  },
};

function serviceOf(services: RunContext['services'], name: string): BoundService {
  const service = services.get(name);
  if (!service) throw new Error(`the plan names ${name}, which the environment does not have`);
  return service;
}

function gateDetail(service: BoundService, { watcher }: ReadinessContext): string {
  const [first] = watcher.of(service.name);
  if (first?.state === 'exited') return service.once === 'yes' ? 'exit 0' : 'exited 0, taken as a job';
  return service.gate.probes.map(probeName).join(', ');
}

/** A gate that opened and closed again is given a moment: it may be busy, but it may not be gone. */
async function recheckService(service: BoundService, { gates, emit }: RunContext): Promise<void> {
  const patience = performance.now() + 5000;
  for (;;) {
    const answer = await checkOnce(service, gates);
    if (answer.kind === 'ready') {
      if (service.once === 'maybe' && gates.watcher.of(service.name)[0]?.state === 'exited')
        emit({ type: 'ready', service: service.name, ms: 0, detail: gateDetail(service, gates) });
      return;
    }
    if (answer.kind === 'never' || performance.now() > patience) {
      throw new EnvctlError('SERVICE_FAILED', `${service.name} was ready, and is no longer: ${answer.why}`, {
        hint: `Look at its log: it may have been restarted or killed (out of memory?). envctl up --keep leaves it to be looked at.`,
        position: service.position,
        service: service.name,
        detail: await lastLines(service.name, gates),
      });
    }
    await gates.watcher.changed(service.name, 100);
  }
}

async function lastLines(service: string, gates: ReadinessContext): Promise<string> {
  const [first] = gates.watcher.of(service);
  return first ? gates.lastLines(first) : '';
}

/** The last node of a service makes it ready for those that wait. */
function emitReady(service: string, node: PlanNode, { plan, emit, gates, services, started }: Carrying): void {
  const last = plan.nodes.filter((one) => one.service === service).at(-1);
  if (last?.id !== node.id || node.step === 'remove' || node.step === 'skip') return;
  const since = started.get(service);
  const known = services.get(service);
  const detail = known ? gateDetail(known, gates) : '';
  const event: EnvEvent = { type: 'ready', service, ms: since === undefined ? 0 : performance.now() - since, detail };
  emit(event);
}
