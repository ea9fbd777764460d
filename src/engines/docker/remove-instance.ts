import type { ContainerInspectInfo, NetworkInspectInfo, VolumeInspectInfo } from 'dockerode';
import type { RemovalResult, RemoveOptions } from '../../model/engine.js';
import { failureOf } from './api/api-errors.js';
import type { Client } from './api/client.js';
import { byInstance, label, readRecord } from './containers/labels.js';
import { inspectAll, listContainers } from './containers/observe.js';
import { type Left, type Removal, removeContainers } from './containers/remove-containers.js';
import { listVolumes } from './kept-volumes.js';
import { leaveNetwork } from './network/join-network.js';

/**
 * Removes all that carries the instance's label: containers, then networks and volumes side by side, each by id and read back first; nothing
 * is ever pruned. One failure does not keep the rest. What is still there at the end is named, with the reason.
 */
export async function removeInstance(
  client: Client,
  instance: string,
  options: RemoveOptions & { readonly signal: AbortSignal },
): Promise<RemovalResult> {
  const { graceMs, signal } = options;
  const containers = await inspectAll(client, instance, signal);
  const going = async (): Promise<readonly string[]> =>
    own(await listVolumes(client, `/volumes?${byInstance(instance)}`, signal), instance)
      .filter(
        (volume) => options.data === 'remove' && !options.except?.includes(volume.Name) && !isKept(volume, containers),
      )
      .map(({ Name }) => Name);
  const removal: Removal = { instance, graceMs, doomed: await going(), signal };
  const stuck = await removeContainers(client, containers, removal);
  const [networks, volumes] = await Promise.all([
    removeNetworks(client, removal),
    // Another one may have come meanwhile: a Compose that lost its parent goes on creating for a moment.
    going().then((names) => removeVolumes(client, names, signal)),
  ]);
  const left = [...stuck, ...networks, ...volumes.left];
  return { data: volumes.removed, left: [...left, ...(await stillThere(client, { removal, known: left }))] };
}

const callMs = 30_000;
const endpointPatienceMs = 10_000;

async function removeNetworks(client: Client, { instance, signal }: Removal): Promise<readonly Left[]> {
  const networks = await listNetworks(client, instance, signal);
  return (await Promise.all(networks.map((network) => removeNetwork(client, network, signal)))).flat();
}

async function removeNetwork(
  client: Client,
  { Id, Name }: NetworkInspectInfo,
  signal: AbortSignal,
): Promise<readonly Left[]> {
  const name = `network ${Name}`;
  for (let waited = 0; ; waited += 500) {
    await leaveNetwork(client, Id, signal);
    const network = await client.get<NetworkInspectInfo>(`/networks/${Id}`, signal);
    if (network === null) return [];
    const users = Object.values(network.Containers ?? {}).map((container) => container.Name);
    if (users.length > 0)
      return [
        { name, why: `in use by ${users.join(', ')}: \`docker network disconnect -f ${Name} ${users[0]}\` frees it` },
      ];
    const why = await attempt(client.delete(`/networks/${Id}`, { signal, timeoutMs: callMs }), signal);
    if (why === null) return [];
    // Endpoints without a container go by themselves after a while, or never (moby #43286).
    if (!/active endpoints/.test(why) || waited >= endpointPatienceMs) return [{ name, why }];
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function removeVolumes(
  client: Client,
  names: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly removed: readonly string[]; readonly left: readonly Left[] }> {
  const tried = await Promise.all(
    names.map(async (name) => ({
      name,
      why: await attempt(client.delete(`/volumes/${encodeURIComponent(name)}`, { signal, timeoutMs: callMs }), signal),
    })),
  );
  return {
    removed: tried.filter(({ why }) => why === null).map(({ name }) => name),
    left: tried.flatMap(({ name, why }) => (why === null ? [] : [{ name: `volume ${name}`, why }])),
  };
}

/** The containers that used it say whether its service is kept; without any, its own label does. */
function isKept(volume: VolumeInspectInfo, containers: readonly ContainerInspectInfo[]): boolean {
  const users = containers.filter(({ Mounts }) =>
    Mounts.some(({ Type, Name }) => Type === 'volume' && Name === volume.Name),
  );
  const records = users.map(({ Config }) => readRecord(Config.Labels)).filter((record) => record !== null);
  return records.length > 0 ? records.some(({ keep }) => keep) : volume.Labels?.[label.keep] === 'yes';
}

/** What came or stayed against expectation: an `up` at the same time, an engine that said yes and did not. */
async function stillThere(
  client: Client,
  { removal, known }: { readonly removal: Removal; readonly known: readonly Left[] },
): Promise<readonly Left[]> {
  const [containers, networks] = await Promise.all([
    listContainers(client, removal.instance, removal.signal),
    listNetworks(client, removal.instance, removal.signal),
  ]);
  const names = [
    ...containers.map(({ Names }) => `container ${Names[0]?.replace(/^\//, '')}`),
    ...networks.map(({ Name }) => `network ${Name}`),
  ];
  return names
    .filter((name) => known.every((left) => left.name !== name))
    .map((name) => ({ name, why: 'it is there again, or still' }));
}

async function listNetworks(
  client: Client,
  instance: string,
  signal: AbortSignal,
): Promise<readonly NetworkInspectInfo[]> {
  return own((await client.get<NetworkInspectInfo[]>(`/networks?${byInstance(instance)}`, signal)) ?? [], instance);
}

/** Engines have ignored filters before (moby-ryuk #32): what is removed must carry the label itself. */
function own<T extends { Labels?: Record<string, string> | undefined }>(
  objects: readonly T[],
  instance: string,
): readonly T[] {
  return objects.filter(({ Labels }) => Labels?.[label.instance] === instance);
}

/** null: done, or gone already; else the engine's reason. */
async function attempt(work: Promise<unknown>, signal: AbortSignal): Promise<string | null> {
  try {
    await work;
    return null;
  } catch (error) {
    signal.throwIfAborted();
    const { status, message } = failureOf(error);
    return status === 404 ? null : message;
  }
}
