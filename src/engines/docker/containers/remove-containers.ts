import { posix } from 'node:path';
import type { ContainerInspectInfo } from 'dockerode';
import { deadline } from '../../../model/deadline.js';
import { failureOf } from '../api/api-errors.js';
import type { Client } from '../api/client.js';
import { label, readRecord } from './labels.js';
import { idsOf, inspect, listContainers } from './observe.js';

export interface Removal {
  readonly instance: string;
  /** Time a container has to end by itself; 0: none. One whose data stay has its own `stop_grace_period` at least, up to a minute. */
  readonly graceMs: number;
  /** Names of volumes that go with their containers; `all`: nothing of them is wanted any more. */
  readonly doomed: 'all' | readonly string[];
  readonly signal: AbortSignal;
}

/** What could not be removed, and why. */
export interface Left {
  readonly name: string;
  readonly why: string;
}

const callMs = 60_000;

/** Stops (where there is grace) and removes inspected containers with their unnamed volumes, side by side. Not ours, or gone already: left alone. */
export async function removeContainers(
  client: Client,
  containers: readonly ContainerInspectInfo[],
  removal: Removal,
): Promise<readonly Left[]> {
  const own = containers.filter(({ Config }) => Config.Labels[label.instance] === removal.instance);
  client.listed.delete(removal.instance);
  const tried = await Promise.all(
    own.map(async (container) => {
      const { Id, Name, State } = container;
      try {
        const graceMs = graceOf(container, removal);
        // A container that cannot be stopped is removed all the same.
        if (State.Running && graceMs > 0)
          await stopContainer(client, Id, { ...removal, graceMs }).catch(() => removal.signal.throwIfAborted());
        await removeContainer(client, Id, removal.signal);
        return [];
      } catch (error) {
        removal.signal.throwIfAborted();
        return [{ name: `container ${Name.replace(/^\//, '')}`, why: failureOf(error).message }];
      }
    }),
  );
  return tried.flat();
}

/** What `docker stop` gives a container that does not say. */
const usualGraceS = 10;
const longestGraceMs = 60_000;

/** A server that is killed loses what it has not written yet; that matters where its data stay. */
function graceOf(container: ContainerInspectInfo, removal: Removal): number {
  if (!dataSurvives(container, removal)) return removal.graceMs;
  const { StopTimeout = usualGraceS } = container.Config as { readonly StopTimeout?: number };
  return Math.max(removal.graceMs, Math.min(longestGraceMs, StopTimeout * 1000));
}

/** True if the container writes to a named volume that is not removed with it, or keeps its data in a folder of the host. */
function dataSurvives({ Config, Mounts }: ContainerInspectInfo, { doomed }: Removal): boolean {
  if (doomed === 'all') return false;
  const data = readRecord(Config.Labels)?.data ?? [];
  return Mounts.some(({ Type, Name = '', Destination, RW }) => {
    if (!RW) return false;
    if (Type === 'volume') return !/^[0-9a-f]{64}$/.test(Name) && !doomed.includes(Name);
    return Type === 'bind' && data.some((path) => overlaps(path, Destination));
  });
}

/** True for the same path, and if one of them lies in the other. */
function overlaps(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) => `${posix.normalize(path).replace(/\/$/, '')}/`);
  return a !== undefined && b !== undefined && (a.startsWith(b) || b.startsWith(a));
}

/** Replicas of these services numbered above `keepReplicas`. */
export async function removeServices(
  client: Client,
  services: readonly { readonly service: string; readonly keepReplicas: number }[],
  removal: Removal,
): Promise<readonly Left[]> {
  const kept = new Map(services.map((entry) => [entry.service, entry.keepReplicas]));
  const listed = await listContainers(client, removal.instance, removal.signal);
  const chosen = listed.filter(
    ({ Labels }) =>
      Number(Labels['com.docker.compose.container-number'] ?? 1) > (kept.get(Labels[label.service] ?? '') ?? Infinity),
  );
  return removeContainers(client, await inspect(client, idsOf(chosen), removal.signal), removal);
}

export async function stopServices(
  client: Client,
  services: readonly string[],
  { instance, graceMs, signal }: Pick<Removal, 'instance' | 'graceMs' | 'signal'>,
): Promise<void> {
  const listed = await listContainers(client, instance, signal);
  const chosen = listed.filter(
    ({ Labels, State }) =>
      services.includes(Labels[label.service] ?? '') && !['created', 'exited', 'dead'].includes(State),
  );
  await Promise.all(chosen.map(({ Id }) => stopContainer(client, Id, { graceMs, signal })));
}

/** The engine waits whole seconds, then kills. */
async function stopContainer(
  client: Client,
  id: string,
  { graceMs, signal }: Pick<Removal, 'graceMs' | 'signal'>,
): Promise<void> {
  const container = (await client.docker()).getContainer(id);
  await container
    .stop({ t: Math.ceil(graceMs / 1000), abortSignal: deadline(graceMs + callMs, signal) })
    .catch(unless([304, 404]));
}

async function removeContainer(client: Client, id: string, signal: AbortSignal): Promise<void> {
  try {
    await client.delete(`/containers/${id}?force=true&v=true`, { signal, timeoutMs: callMs });
  } catch (error) {
    const { status, message } = failureOf(error);
    if (status === 404) return;
    if (status !== 409 || !/in progress/.test(message)) throw error;
    await untilGone(client, id, signal);
  }
}

/** Somebody is removing it already; its name and its networks are free only when it is gone. */
async function untilGone(client: Client, id: string, signal: AbortSignal): Promise<void> {
  for (let waited = 0; waited < callMs; waited += 100) {
    if ((await inspect(client, [id], signal)).length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the engine does not get it removed');
}

function unless(statuses: readonly number[]): (error: unknown) => void {
  return (error) => {
    if (!statuses.includes(failureOf(error).status ?? 0)) throw error;
  };
}
