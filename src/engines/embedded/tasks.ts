/** What is known of a replica before it is made. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Prepared, Workload } from '../../model/workload.js';
import { type EmbeddedContext, instanceFolder, type Replica, replicaFolder, storeFolder } from './context.js';
import { baseEnvironment } from './launch.js';
import { claimsOf, keyOf, type Ports } from './ports.js';
import { mark } from './process-table.js';
import type { ServerDirectories, ServerRequest } from './servers/server.js';

/** One replica that is to be made, with what it was rendered from. */
export interface Task {
  readonly replica: Replica;
  readonly workload: Workload;
  readonly project: string;
}

export const tasksOf = ({ environment, workloads }: Prepared, service: string): readonly Task[] =>
  workloads
    .filter((workload) => workload.service === service)
    .flatMap((workload) =>
      Array.from({ length: workload.replicas }, (_, index) => ({
        workload,
        project: environment.project,
        replica: { instance: environment.id, service, replica: index + 1 },
      })),
    );

/** Published ports are the first replica's; the others have their own. */
export function portsOf(world: EmbeddedContext, { replica, workload }: Pick<Task, 'replica' | 'workload'>): Ports {
  const claims = claimsOf(world, replica.instance);
  const names = Object.keys(workload.ports).map((name) => {
    const port = (replica.replica === 1 ? workload.publish[name] : null) ?? claims.get(keyOf({ ...replica, name }));
    if (port === undefined) throw new Error(`bug: port ${name} of ${replica.service} was never reserved`);
    return [name, port] as const;
  });
  return Object.fromEntries(names);
}

/** A service without data paths loses what it wrote when it is made anew, as a container does. */
export const storeOf = (world: EmbeddedContext, { replica, workload }: Pick<Task, 'replica' | 'workload'>): string =>
  workload.stores.length > 0 ? storeFolder(world, replica) : path.join(replicaFolder(world, replica), 'store');

export const askerOf = (world: EmbeddedContext, { workload, replica, project }: Task): ServerRequest => ({
  service: workload.service,
  parameters: workload.parameters,
  project,
  env: { ...baseEnvironment(world), [mark]: instanceFolder(world, replica.instance) },
});

export async function placeOf(world: EmbeddedContext, task: Task): Promise<ServerDirectories> {
  const scratch = path.join(replicaFolder(world, task.replica), 'scratch');
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const claims = [...claimsOf(world, task.replica.instance)].map(([key, port]) => [key.split('/'), port] as const);
  const own = claims.filter(
    ([[service, replica]]) => service === task.replica.service && replica === String(task.replica.replica),
  );
  const ports = { ...Object.fromEntries(own.map(([[, , name], port]) => [name, port])), ...portsOf(world, task) };
  return { store: storeOf(world, task), scratch, ports, asker: askerOf(world, task) };
}
