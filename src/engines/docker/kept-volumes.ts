import type { VolumeInspectInfo } from 'dockerode';
import type { KeptStore } from '../../model/engine.js';
import type { DockerClient } from './client.js';
import { belongsTo, instanceFilters, label } from './containers/labels.js';

/** Volumes of an instance (null: of all instances) that no container uses. */
export async function keptVolumes(
  client: DockerClient,
  instance: string | null,
  signal: AbortSignal,
): Promise<readonly KeptStore[]> {
  const filters = { ...instanceFilters(instance), dangling: ['true'] };
  const unused = await client.api.listVolumes(filters, signal);
  return unused.filter(({ Labels }) => belongsTo(Labels, instance)).map(keptStore);
}

function keptStore(volume: VolumeInspectInfo & { readonly CreatedAt?: string }): KeptStore {
  return {
    instance: volume.Labels[label.instance] ?? '',
    service: volume.Labels[label.service] ?? '',
    profile: volume.Labels[label.profile] ?? null,
    name: volume.Name,
    createdAt: Date.parse(volume.CreatedAt ?? '') || 0,
  };
}
