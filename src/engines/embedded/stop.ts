import { realpathSync } from 'node:fs';
import type { EmbeddedContext, Replica } from './context.js';
import type { ProcessOrigin } from './processes/process-table.js';
import { kill, requestEnd } from './processes/terminate.js';
import { replicaFolder, storeFolder } from './state/paths.js';
import { readCreated, readRun, removeRecords, replicasOf, runStatusOf } from './state/records.js';

/** Of a replica whose record is missing. */
const defaultStopTimeoutMs = 10_000;

/** Ends all replicas of the services; their records and stores stay. */
export async function stop(
  context: EmbeddedContext,
  instance: string,
  { services, signal }: { readonly services: readonly string[]; readonly signal: AbortSignal },
): Promise<void> {
  const replicas = replicasOf(context, instance).filter(({ service }) => services.includes(service));
  await Promise.all(
    replicas.map((replica) => stopReplica(context, replica, { graceMs: stopTimeoutOf(context, replica), signal })),
  );
}

/** The service's `stop_grace_period`. */
export const stopTimeoutOf = (context: EmbeddedContext, replica: Replica): number =>
  readCreated(replicaFolder(context, replica))?.stopTimeoutMs ?? defaultStopTimeoutMs;

export interface StopOptions {
  /** How long the program may take to end after its stop signal; 0: kill at once. */
  readonly graceMs: number;
  readonly signal: AbortSignal;
}

export async function stopReplica(
  context: EmbeddedContext,
  replica: Replica,
  { graceMs, signal }: StopOptions,
): Promise<void> {
  const folder = replicaFolder(context, replica);
  const status = runStatusOf(folder);
  const group = status.state === 'running' ? status.group : null;
  const origin = originOf(context, replica, group);
  if (group !== null && graceMs > 0)
    await requestEnd(group, {
      stopSignal: readCreated(folder)?.stopSignal ?? 'SIGTERM',
      startedAt: readRun(folder)?.startedAt ?? 0,
      graceMs,
      signal,
    });
  await kill(origin, { leader: group, signal });
}

/** Processes of a replica. A group that has ended is left out: another program may have its number now. */
function originOf(context: EmbeddedContext, replica: Replica, group: number | null): ProcessOrigin {
  const store = realPath(storeFolder(context, replica));
  return {
    folders: [replicaFolder(context, replica), ...(store === null ? [] : [store])],
    groups: group === null ? [] : [group],
  };
}

function realPath(folder: string): string | null {
  try {
    return realpathSync(folder);
  } catch {
    return null;
  }
}

/** Ends and forgets the replicas numbered above `keepReplicas`; their stores and ports stay. */
export async function removeServices(
  context: EmbeddedContext,
  instance: string,
  options: {
    readonly services: readonly { readonly service: string; readonly keepReplicas: number }[];
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const toRemove = replicasOf(context, instance).filter((replica) =>
    options.services.some(({ service, keepReplicas }) => service === replica.service && replica.replica > keepReplicas),
  );
  await Promise.all(
    toRemove.map(async (replica) => {
      await stopReplica(context, replica, { graceMs: stopTimeoutOf(context, replica), signal: options.signal });
      removeRecords(context, replica);
    }),
  );
}
