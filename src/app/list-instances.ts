import { checkEngines, type EngineAvailability, loadEngine } from '../engines/registry.js';
import type { Engine, KeptStore } from '../model/engine.js';
import type { InstanceSummary, Observed } from '../model/observed.js';
import type { Caller } from './caller.js';
import { engineOptions } from './session.js';

export interface InstanceList {
  /** Sorted by instance id. */
  readonly instances: readonly InstanceSummary[];
  readonly engines: readonly EngineAvailability[];
}

/** All instances of this user on every engine that answers. */
export async function listInstances({ env, signal }: Pick<Caller, 'env' | 'signal'>): Promise<InstanceList> {
  const options = engineOptions(env);
  const engines = await checkEngines(options);
  const usable = await Promise.all(
    engines.filter((answer) => answer.usable).map(({ name }) => loadEngine(name, options)),
  );
  const instances = (await Promise.all(usable.map((engine) => instancesOn(engine, signal)))).flat();
  return { instances: instances.sort((a, b) => a.instance.localeCompare(b.instance)), engines };
}

async function instancesOn(engine: Engine, signal: AbortSignal): Promise<readonly InstanceSummary[]> {
  const [observed, kept] = await Promise.all([engine.observe(null, signal), engine.kept(null, signal)]);
  const ids = [...new Set([...observed, ...kept].map(({ instance }) => instance))];
  return ids.map((id) =>
    summaryOf(id, {
      engine: engine.name,
      observed: observed.filter(({ instance }) => instance === id),
      kept: kept.filter(({ instance }) => instance === id),
    }),
  );
}

interface InstanceParts {
  readonly engine: string;
  readonly observed: readonly Observed[];
  readonly kept: readonly KeptStore[];
}

function summaryOf(instance: string, { engine, observed, kept }: InstanceParts): InstanceSummary {
  const running = observed.filter(
    ({ state, record, exitCode }) => state === 'running' || (record?.once === true && exitCode === 0),
  ).length;
  const record = observed.find((seen) => seen.record !== null)?.record;
  return {
    instance,
    profile: record?.profile ?? kept[0]?.profile ?? instance.slice(0, -7),
    engine,
    running,
    services: observed.length,
    state: stateOf(running, observed.length),
    createdAt: Math.min(...(observed.length > 0 ? observed : kept).map(({ createdAt }) => createdAt)),
    storage: record?.storage ?? 'disk',
    kept: kept.map(({ name }) => name),
  };
}

function stateOf(running: number, services: number): string {
  if (services === 0) return 'down';
  if (running === services) return 'running';
  return running === 0 ? 'stopped' : 'partly running';
}
