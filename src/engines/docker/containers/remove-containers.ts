import { posix } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerInspectInfo } from 'dockerode';
import type { RemovalResult } from '../../../model/engine.js';
import { apiFailure } from '../api/api-error.js';
import type { DockerClient } from '../client.js';
import { belongsTo, label, readRecord, replicaOf } from './labels.js';
import { inspectContainers, listContainers } from './list-containers.js';

export interface ContainerRemoval {
  readonly instance: string;
  /** Grace period before a container is killed; 0: none. A container whose data survives gets its own one at least. */
  readonly graceMs: number;
  /** Names of volumes that are removed after their containers; `all`: no data of the containers is needed. */
  readonly volumes: 'all' | readonly string[];
  readonly signal: AbortSignal;
}

/** Something that could not be removed, and why. */
export type Leftover = RemovalResult['left'][number];

/** Removes containers and their anonymous volumes, in parallel. Skips those of other instances. */
export async function removeContainers(
  client: DockerClient,
  containers: readonly ContainerInspectInfo[],
  removal: ContainerRemoval,
): Promise<readonly Leftover[]> {
  client.listed.delete(removal.instance);
  const owned = containers.filter(({ Config }) => belongsTo(Config.Labels, removal.instance));
  const results = await Promise.all(owned.map((container) => stopAndRemove(client, container, removal)));
  return results.flat();
}

async function stopAndRemove(
  client: DockerClient,
  container: ContainerInspectInfo,
  removal: ContainerRemoval,
): Promise<readonly Leftover[]> {
  const { Id, Name, State } = container;
  const { signal } = removal;
  try {
    const graceMs = gracePeriod(container, removal);
    // A container that cannot be stopped is removed nevertheless.
    if (State.Running && graceMs > 0)
      await client.api.stopContainer(Id, graceMs, signal).catch(() => signal.throwIfAborted());
    await removeContainer(client, Id, signal);
    return [];
  } catch (error) {
    signal.throwIfAborted();
    return [{ name: `container ${Name.replace(/^\//, '')}`, why: apiFailure(error).message }];
  }
}

/** The grace period of `docker stop` for a container that declares none. */
const defaultGraceS = 10;
const longestGraceMs = 60_000;

/** A killed server loses what it has not written yet, which matters only if its data survives. */
function gracePeriod(container: ContainerInspectInfo, removal: ContainerRemoval): number {
  if (!dataSurvives(container, removal)) return removal.graceMs;
  return Math.max(removal.graceMs, Math.min(longestGraceMs, stopTimeoutOf(container)));
}

/** Its `stop_grace_period`. */
function stopTimeoutOf({ Config }: ContainerInspectInfo): number {
  const { StopTimeout = defaultGraceS } = Config as { readonly StopTimeout?: number };
  return StopTimeout * 1000;
}

/** True if the container writes to a named volume that stays, or keeps its data in a folder of the host. */
function dataSurvives({ Config, Mounts }: ContainerInspectInfo, { volumes }: ContainerRemoval): boolean {
  if (volumes === 'all') return false;
  const data = readRecord(Config.Labels)?.data ?? [];
  return Mounts.some(({ Type, Name = '', Destination, RW }) => {
    if (!RW) return false;
    if (Type === 'volume') return !isAnonymous(Name) && !volumes.includes(Name);
    return Type === 'bind' && data.some((path) => overlaps(path, Destination));
  });
}

function isAnonymous(volume: string): boolean {
  return /^[0-9a-f]{64}$/.test(volume);
}

/** Whether the paths are the same or one is inside the other. */
function overlaps(one: string, other: string): boolean {
  const asFolder = (path: string): string => `${posix.normalize(path).replace(/\/$/, '')}/`;
  return asFolder(one).startsWith(asFolder(other)) || asFolder(other).startsWith(asFolder(one));
}

/** Removes the replicas of these services numbered above `keepReplicas`. */
export async function removeServices(
  client: DockerClient,
  services: readonly { readonly service: string; readonly keepReplicas: number }[],
  removal: ContainerRemoval,
): Promise<readonly Leftover[]> {
  const highest = new Map(services.map(({ service, keepReplicas }) => [service, keepReplicas]));
  const listed = await listContainers(client, removal.instance, removal.signal);
  const chosen = listed.filter(
    ({ Labels }) => replicaOf(Labels) > (highest.get(Labels[label.service] ?? '') ?? Number.POSITIVE_INFINITY),
  );
  return removeContainers(client, await inspectContainers(client, chosen, removal.signal), removal);
}

export async function stopServices(
  client: DockerClient,
  services: readonly string[],
  { instance, signal }: Pick<ContainerRemoval, 'instance' | 'signal'>,
): Promise<void> {
  const listed = await listContainers(client, instance, signal);
  const running = listed.filter(
    ({ Labels, State }) =>
      services.includes(Labels[label.service] ?? '') && !['created', 'exited', 'dead'].includes(State),
  );
  const containers = await inspectContainers(client, running, signal);
  await Promise.all(
    containers.map((container) =>
      client.api.stopContainer(container.Id, stopTimeoutOf(container), signal).catch(ignoring(404)),
    ),
  );
}

async function removeContainer(client: DockerClient, id: string, signal: AbortSignal): Promise<void> {
  try {
    await client.api.removeContainer(id, signal);
  } catch (error) {
    const { status, message } = apiFailure(error);
    if (status === 404) return;
    if (status !== 409 || !/in progress/.test(message)) throw error;
    await waitUntilRemoved(client, id, signal);
  }
}

const removalWaitMs = 60_000;
const pollMs = 100;

/** Another process is removing the container; its name and networks are free only when it has finished. */
async function waitUntilRemoved(client: DockerClient, id: string, signal: AbortSignal): Promise<void> {
  for (let waited = 0; waited < removalWaitMs; waited += pollMs) {
    if ((await client.api.inspectContainer(id, signal)) === null) return;
    await sleep(pollMs);
  }
  throw new Error('the engine does not finish removing it');
}

function ignoring(status: number): (error: unknown) => void {
  return (error) => {
    if (apiFailure(error).status !== status) throw error;
  };
}
