import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerInspectInfo, NetworkInspectInfo, VolumeInspectInfo } from 'dockerode';
import type { RemovalResult, RemoveOptions } from '../../model/engine.js';
import { apiFailure } from './api/api-error.js';
import type { DockerClient } from './client.js';
import { belongsTo, instanceFilters, label, readRecord } from './containers/labels.js';
import { inspectContainers, listContainers } from './containers/list-containers.js';
import { type ContainerRemoval, type Leftover, removeContainers } from './containers/remove-containers.js';
import { leaveNetwork } from './network/join-network.js';

/**
 * Removes everything with the instance's label: containers, then networks and volumes in parallel. Never prunes. A
 * failure does not stop the rest; the result lists what is still there, with the reason.
 */
export async function removeInstance(
  client: DockerClient,
  instance: string,
  options: RemoveOptions & { readonly signal: AbortSignal },
): Promise<RemovalResult> {
  const { graceMs, signal } = options;
  const containers = await inspectContainers(client, await listContainers(client, instance, signal), signal);
  const volumesToRemove = async (): Promise<readonly string[]> =>
    (await client.api.listVolumes(instanceFilters(instance), signal))
      .filter(({ Labels }) => belongsTo(Labels, instance))
      .filter((volume) => isRemovable(volume, containers, options))
      .map(({ Name }) => Name);
  const removal: ContainerRemoval = { instance, graceMs, volumes: await volumesToRemove(), signal };
  const stuck = await removeContainers(client, containers, removal);
  const [networks, volumes] = await Promise.all([
    removeNetworks(client, removal),
    // Listed again: a Compose process whose parent was killed may have created another one.
    volumesToRemove().then((names) => removeVolumes(client, names, signal)),
  ]);
  const left = [...stuck, ...networks, ...volumes.left];
  return { data: volumes.removed, left: [...left, ...(await unexpectedLeftovers(client, removal, left))] };
}

function isRemovable(
  volume: VolumeInspectInfo,
  containers: readonly ContainerInspectInfo[],
  { data, except = [] }: RemoveOptions,
): boolean {
  return data === 'remove' && !except.includes(volume.Name) && !isKept(volume, containers);
}

/** Containers that use the volume know whether their service is kept. Without any, the volume's own label decides. */
function isKept(volume: VolumeInspectInfo, containers: readonly ContainerInspectInfo[]): boolean {
  const users = containers.filter(({ Mounts }) =>
    Mounts.some(({ Type, Name }) => Type === 'volume' && Name === volume.Name),
  );
  const records = users.map(({ Config }) => readRecord(Config.Labels)).filter((record) => record !== null);
  return records.length > 0 ? records.some(({ keep }) => keep) : volume.Labels?.[label.keep] === 'yes';
}

async function removeNetworks(
  client: DockerClient,
  { instance, signal }: ContainerRemoval,
): Promise<readonly Leftover[]> {
  const networks = await listNetworks(client, instance, signal);
  return (await Promise.all(networks.map((network) => removeNetwork(client, network, signal)))).flat();
}

const endpointWaitMs = 10_000;
const pollMs = 500;

async function removeNetwork(
  client: DockerClient,
  { Id, Name }: NetworkInspectInfo,
  signal: AbortSignal,
): Promise<readonly Leftover[]> {
  const name = `network ${Name}`;
  for (let waited = 0; ; waited += pollMs) {
    await leaveNetwork(client, Id, signal);
    const network = await client.api.inspectNetwork(Id, signal);
    if (network === null) return [];
    const users = Object.values(network.Containers ?? {}).map((container) => container.Name);
    if (users.length > 0) return [{ name, why: networkInUse(Name, users) }];
    const why = await failureOf(client.api.removeNetwork(Id, signal), signal);
    if (why === null) return [];
    // Endpoints without a container disappear after a while, or never (moby #43286).
    if (!/active endpoints/.test(why) || waited >= endpointWaitMs) return [{ name, why }];
    await sleep(pollMs);
  }
}

function networkInUse(network: string, users: readonly string[]): string {
  return `in use by ${users.join(', ')}: run \`docker network disconnect -f ${network} ${users[0]}\` to free it`;
}

async function removeVolumes(
  client: DockerClient,
  names: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly removed: readonly string[]; readonly left: readonly Leftover[] }> {
  const results = await Promise.all(
    names.map(async (name) => ({ name, why: await failureOf(client.api.removeVolume(name, signal), signal) })),
  );
  return {
    removed: results.filter(({ why }) => why === null).map(({ name }) => name),
    left: results.flatMap(({ name, why }) => (why === null ? [] : [{ name: `volume ${name}`, why }])),
  };
}

/** Objects still there without a known reason, for example because of a concurrent `up`. */
async function unexpectedLeftovers(
  client: DockerClient,
  { instance, signal }: ContainerRemoval,
  known: readonly Leftover[],
): Promise<readonly Leftover[]> {
  const [containers, networks] = await Promise.all([
    listContainers(client, instance, signal),
    listNetworks(client, instance, signal),
  ]);
  const names = [
    ...containers.map(({ Names }) => `container ${Names[0]?.replace(/^\//, '')}`),
    ...networks.map(({ Name }) => `network ${Name}`),
  ];
  return names
    .filter((name) => known.every((leftover) => leftover.name !== name))
    .map((name) => ({ name, why: 'it still exists, or was created again' }));
}

async function listNetworks(
  client: DockerClient,
  instance: string,
  signal: AbortSignal,
): Promise<readonly NetworkInspectInfo[]> {
  const networks = await client.api.listNetworks(instanceFilters(instance), signal);
  return networks.filter(({ Labels }) => belongsTo(Labels, instance));
}

/** The engine's reason, or null if the removal succeeded or the object did not exist. */
async function failureOf(removal: Promise<unknown>, signal: AbortSignal): Promise<string | null> {
  try {
    await removal;
    return null;
  } catch (error) {
    signal.throwIfAborted();
    const { status, message } = apiFailure(error);
    return status === 404 ? null : message;
  }
}
