/** What the nodes of a plan do, put together from an engine, protocols and this host. */

import { connectionsOf, exportsOf } from '../connections/connections.js';
import { connectionProperty } from '../connections/view.js';
import type { Connection } from '../model/connection.js';
import { deadline } from '../model/deadline.js';
import type { Engine, Target } from '../model/engine.js';
import { EnvctlError } from '../model/errors.js';
import type { ExecOptions, ExecResult } from '../model/host.js';
import type { Observed } from '../model/observed.js';
import type { ServiceAccess } from '../model/protocol.js';
import type { Service } from '../model/service.js';
import type { Prepared } from '../model/workload.js';
import type { ReusePolicy } from '../plan/reconcile.js';
import { renderText, reservedOwners } from '../profile/references/grammar.js';
import type { StepActions } from './execute-plan.js';
import type { ReadinessContext } from './readiness.js';
import type { ReplicaWatcher } from './replica-watcher.js';
import { type SeedingContext, seedService } from './seeding.js';
import { serviceAccess } from './service-access.js';
import type { UpDependencies } from './up-dependencies.js';

export function readinessContext(prepared: Prepared, watcher: ReplicaWatcher, tools: UpDependencies): ReadinessContext {
  const parameters = new Map(prepared.environment.services.map((service) => [service.name, service.parameters]));
  return {
    watcher,
    host: tools.host,
    emit: tools.emit,
    signal: tools.signal,
    protocol: tools.protocol,
    reach: (replica, port) =>
      serviceAccess({
        replica,
        port,
        parameters: parameters.get(replica.service) ?? {},
        watcher,
        engine: tools.engine,
        signal: tools.signal,
      }),
    lastLines: (replica) => lastLines(tools.engine, replica),
    followMs: 500,
  };
}

/** The last 20 lines of a replica, whatever state it is in; works after an abort. */
export async function lastLines(engine: Engine, { instance, service, replica }: Target): Promise<string> {
  const lines: string[] = [];
  try {
    for await (const line of engine.logs({ instance, service, replica }, { signal: deadline(5000), tail: 20 }))
      lines.push(line.text);
  } catch (error) {
    lines.push(`(its log cannot be read: ${(error as Error).message})`);
  }
  return lines.slice(-20).join('\n');
}

interface ActionContext {
  readonly prepared: Prepared;
  readonly tools: UpDependencies;
  readonly watcher: ReplicaWatcher;
  readonly services: ReadonlyMap<string, Service>;
  readonly gates: ReadinessContext;
  readonly reuse: ReusePolicy;
}

export function stepHandlers({ prepared, tools, watcher, services, gates, reuse }: ActionContext): StepActions {
  const { engine, emit, signal } = tools;
  const instance = prepared.environment.id;
  return {
    remove: (service, keepReplicas) => engine.removeServices(instance, [{ service, keepReplicas }], signal),
    create: (names) => engine.create(prepared, names, { signal, emit }),
    start: (service) => engine.start(prepared, service, { signal, emit }),
    seed: async (name) => {
      const service = services.get(name);
      const [replica] = watcher.of(name);
      if (!service || !replica) throw new Error(`nothing of ${name} runs that could be seeded`);
      await seedService(
        service,
        seedingContext({ service, replica, reach: gates.reach(replica, 'main') }, { prepared, tools, watcher, reuse }),
      );
    },
  };
}

interface ToSeed {
  readonly service: Service;
  readonly replica: Observed;
  readonly reach: ServiceAccess;
}

function seedingContext(
  { service, replica, reach }: ToSeed,
  { prepared, tools, watcher, reuse }: Omit<ActionContext, 'services' | 'gates'>,
): SeedingContext {
  const { engine, host, emit, signal, protocol } = tools;
  const owners = [...prepared.environment.declared, ...reservedOwners];
  const connections = (): readonly Connection[] => connectionsOf(watcher.all(), tools.secret);
  return {
    host,
    emit,
    signal,
    protocol,
    access: reach,
    notes: tools.ledger(service.name, `${replica.id}@${replica.startedAt ?? 0}`),
    reuse,
    resolve: (text, side) =>
      renderText(text, { owners, at: service.position }, ({ owner, path }) => {
        const connection = connections().find((one) => one.service === owner);
        const value = connection && connectionProperty(connection, path, side);
        if (value === undefined) throw notKnown(owner, path, service);
        return value;
      }),
    exports: () => exportsOf(connections(), watcher.all(), prepared.environment.exports),
    execIn: (name: string, argv: readonly string[], options: ExecOptions): Promise<ExecResult> =>
      engine.exec({ instance: prepared.environment.id, service: name, replica: 1 }, argv, options),
  };
}

function notKnown(owner: string, path: readonly string[], service: Service): EnvctlError {
  return new EnvctlError(
    'REFERENCE_DANGLING',
    `"\${${[owner, ...path].join('.')}}" is not known while ${service.name} is seeded`,
    {
      hint: `Let the seed wait for it: seed.after: [${owner}].`,
      position: service.position,
    },
  );
}
