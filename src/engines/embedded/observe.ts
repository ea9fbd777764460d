import { statSync } from 'node:fs';
import type { Observed } from '../../model/observed.js';
import { type EmbeddedContext, type Replica, replicaFolder } from './context.js';
import { loopback } from './ports.js';
import { type Created, instancesOf, type RunStatus, readCreated, readRun, replicasOf, runStatusOf } from './records.js';

/** All replicas of an instance; null: of all instances. */
export function observe(world: EmbeddedContext, instance: string | null): readonly Observed[] {
  const instances = instance === null ? instancesOf(world) : [instance];
  return instances.flatMap((id) => replicasOf(world, id)).map((replica) => observeReplica(world, replica));
}

/** A folder without a record is one whose making was cut off: it is told, so that it can be removed. */
export function observeReplica(world: EmbeddedContext, replica: Replica): Observed {
  const folder = replicaFolder(world, replica);
  const created = readCreated(folder);
  const run = readRun(folder);
  const standing = runStatusOf(folder);
  return {
    ...replica,
    id: String(run?.pid ?? (standing.state === 'running' ? standing.group : `${replica.service}-${replica.replica}`)),
    state: standing.state,
    exitCode: standing.state === 'exited' ? standing.code : null,
    startedAt: run?.startedAt ?? null,
    createdAt: created?.createdAt ?? statSync(folder, { throwIfNoEntry: false })?.birthtimeMs ?? 0,
    restarts: 0,
    health: null,
    oomKilled: false,
    fingerprint: created?.fingerprint ?? '',
    outside: addressesOf(created, standing),
    env: created?.environment ?? {},
    record: created?.record ?? null,
  };
}

/** Nobody answers on the ports of what does not run, and others may take them. */
function addressesOf(created: Created | null, { state }: RunStatus): Observed['outside'] {
  if (!created || state !== 'running') return {};
  return Object.fromEntries(Object.entries(created.ports).map(([name, port]) => [name, { host: loopback, port }]));
}
