import type { ContainerInfo, ContainerInspectInfo } from 'dockerode';
import type { DockerClient } from '../client.js';
import { belongsTo, instanceFilters } from './labels.js';

/** The containers of an instance (null: of all instances), running or not. */
export async function listContainers(
  client: DockerClient,
  instance: string | null,
  signal: AbortSignal,
): Promise<readonly ContainerInfo[]> {
  const listed = await client.api.listContainers(instanceFilters(instance), signal);
  const containers = listed.filter(({ Labels }) => belongsTo(Labels, instance));
  if (instance !== null) client.listed.set(instance, containers);
  return containers;
}

/** Leaves out containers that were removed in the meantime. */
export async function inspectContainers(
  client: DockerClient,
  containers: readonly Pick<ContainerInfo, 'Id'>[],
  signal: AbortSignal,
): Promise<readonly ContainerInspectInfo[]> {
  const inspected = await Promise.all(containers.map(({ Id }) => client.api.inspectContainer(Id, signal)));
  return inspected.filter((container) => container !== null);
}
