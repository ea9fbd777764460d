import { apiFailure } from '../api/api-error.js';
import type { DockerClient } from '../client.js';
import { belongsTo, instanceFilters } from '../containers/labels.js';

/** If this process runs in a container of the engine, connects that container to every network of the instance. */
export async function joinNetworks(client: DockerClient, instance: string, signal: AbortSignal): Promise<void> {
  const access = await client.hostAccess();
  if (access.kind !== 'joined') return;
  const networks = await client.api.listNetworks(instanceFilters(instance), signal);
  for (const { Id } of networks.filter(({ Labels }) => belongsTo(Labels, instance))) {
    await client.api.connectNetwork(Id, access.container, signal).catch((error: unknown) => {
      if (!/already exists|already attached/.test(apiFailure(error).message)) throw error;
    });
  }
}

/** Disconnects our own container, so that the network can be removed. */
export async function leaveNetwork(client: DockerClient, id: string, signal: AbortSignal): Promise<void> {
  const access = await client.hostAccess();
  if (access.kind !== 'joined') return;
  await client.api.disconnectNetwork(id, access.container, signal).catch(() => {}); // it was not connected
}
