import { statSync } from 'node:fs';
import type { Observed } from '../../model/observed.js';
import type { EmbeddedContext, Replica } from './context.js';
import { replicaFolder } from './state/paths.js';
import { loopback } from './state/ports.js';
import {
  type CreatedRecord,
  instancesOf,
  type RunStatus,
  readCreated,
  readRun,
  replicasOf,
  runStatusOf,
} from './state/records.js';

/** All replicas of an instance; null: of all instances. */
export function observe(context: EmbeddedContext, instance: string | null): readonly Observed[] {
  const instances = instance === null ? instancesOf(context) : [instance];
  return instances.flatMap((id) => replicasOf(context, id)).map((replica) => observeReplica(context, replica));
}

/** A replica without a record was not created completely; it is included so that it can be removed. */
export function observeReplica(context: EmbeddedContext, replica: Replica): Observed {
  const folder = replicaFolder(context, replica);
  const created = readCreated(folder);
  const run = readRun(folder);
  const status = runStatusOf(folder);
  return {
    ...replica,
    id: String(run?.pid ?? (status.state === 'running' ? status.group : `${replica.service}-${replica.replica}`)),
    state: status.state,
    exitCode: status.state === 'exited' ? status.code : null,
    startedAt: run?.startedAt ?? null,
    createdAt: created?.createdAt ?? statSync(folder, { throwIfNoEntry: false })?.birthtimeMs ?? 0,
    restarts: 0,
    health: null,
    oomKilled: false,
    fingerprint: created?.fingerprint ?? '',
    outside: addressesOf(created, status),
    env: created?.env ?? {},
    record: created?.record ?? null,
  };
}

/** Empty unless the replica runs: another program may take its ports. */
function addressesOf(created: CreatedRecord | null, { state }: RunStatus): Observed['outside'] {
  if (!created || state !== 'running') return {};
  return Object.fromEntries(Object.entries(created.ports).map(([name, port]) => [name, { host: loopback, port }]));
}
