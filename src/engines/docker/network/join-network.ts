import type { NetworkInspectInfo } from 'dockerode';
import { deadline } from '../../../model/deadline.js';
import { failureOf } from '../api/api-errors.js';
import type { Client } from '../api/client.js';
import { byInstance, label } from '../containers/labels.js';

/** Puts the container this process runs in, if it does, on every network of the instance, so that services are reached by name. */
export async function joinNetworks(client: Client, instance: string, signal: AbortSignal): Promise<void> {
  const outside = await client.outside();
  if (outside.kind !== 'joined') return;
  const networks = (await client.get<NetworkInspectInfo[]>(`/networks?${byInstance(instance)}`, signal)) ?? [];
  const docker = await client.docker();
  const options = { Container: outside.container, abortSignal: deadline(30_000, signal) };
  for (const { Id } of networks.filter(({ Labels }) => Labels?.[label.instance] === instance)) {
    await docker
      .getNetwork(Id)
      .connect(options)
      .catch((error: unknown) => {
        if (!/already exists|already attached/.test(failureOf(error).message)) throw error;
      });
  }
}

/** Before a network goes, our own container leaves it. */
export async function leaveNetwork(client: Client, id: string, signal: AbortSignal): Promise<void> {
  const outside = await client.outside();
  if (outside.kind !== 'joined') return;
  const network = (await client.docker()).getNetwork(id);
  await network
    .disconnect({ Container: outside.container, Force: true, abortSignal: deadline(30_000, signal) })
    .catch(() => {}); // it was not on it
}
