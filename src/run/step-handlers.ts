/** Executes one node of a plan, one function per kind of step. */
import type { PlanNode, StepName } from '../model/plan.js';
import { awaitGate } from './readiness/await-gate.js';
import { readyDetail } from './readiness/ready-detail.js';
import { recheckServices } from './readiness/recheck.js';
import { seedService } from './seeding/seed-service.js';
import { seedingContext } from './seeding/seeding-context.js';
import { serviceNamed, type UpContext } from './up-context.js';

type NodeOf<K extends StepName> = Extract<PlanNode, { step: K }>;

/** Each returns the detail to show when its step is done. */
const stepHandlers: { readonly [K in StepName]: (node: NodeOf<K>, run: UpContext) => Promise<string> } = {
  remove: async ({ service, keepReplicas, cause }, { engine, prepared, signal }) => {
    await engine.removeServices(prepared.environment.id, [{ service, keepReplicas }], signal);
    return cause;
  },
  create: async ({ services, cause }, { engine, prepared, signal, emit }) => {
    await engine.create(prepared, services, { signal, emit });
    return cause;
  },
  start: async ({ service, cause }, { engine, prepared, watcher, signal, emit }) => {
    await watcher.starting(service, () => engine.start(prepared, service, { signal, emit }));
    return cause;
  },
  reuse: async ({ cause }) => cause,
  skip: async ({ cause }) => cause,
  gate: async (node, run) => {
    const service = serviceNamed(node.service, run);
    await awaitGate(service, run);
    return readyDetail(service, run);
  },
  seed: async (node, run) => {
    const service = serviceNamed(node.service, run);
    await seedService(service, seedingContext(service, run));
    return '';
  },
  recheck: async ({ services }, run) => {
    await recheckServices(services, run);
    return '';
  },
};

export function executeStep<K extends StepName>(node: NodeOf<K>, run: UpContext): Promise<string> {
  const { step }: { readonly step: K } = node;
  return stepHandlers[step](node, run);
}
