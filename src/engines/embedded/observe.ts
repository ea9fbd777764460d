import { statSync } from 'node:fs';
import type { Observed } from '../../model/engine.js';
import { type Replica, replicaFolder, type World } from './context.js';
import { loopback } from './ports.js';
import { type Created, instancesOf, readCreated, readRun, replicasOf, type Standing, standingOf } from './records.js';

/** All replicas of an instance; null: of all instances. */
export function observe(world: World, instance: string | null): readonly Observed[] {
  const instances = instance === null ? instancesOf(world) : [instance];
  return instances.flatMap((id) => replicasOf(world, id)).map((replica) => observeReplica(world, replica));
}

/** A folder without a record is one whose making was cut off: it is told, so that it can be removed. */
export function observeReplica(world: World, replica: Replica): Observed {
  const folder = replicaFolder(world, replica);
  const created = readCreated(folder);
  const run = readRun(folder);
  const standing = standingOf(folder);
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
    environment: created?.environment ?? {},
    record: created?.record ?? null,
    expires: null,
  };
}

/** Nobody answers on the ports of what does not run, and others may take them. */
function addressesOf(created: Created | null, { state }: Standing): Observed['outside'] {
  if (!created || state !== 'running') return {};
  return Object.fromEntries(Object.entries(created.ports).map(([name, port]) => [name, { host: loopback, port }]));
}
