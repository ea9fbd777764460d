import type { VolumeInspectInfo } from 'dockerode';
import type { KeptStore } from '../../model/engine.js';
import type { Client } from './api/client.js';
import { byInstance, label } from './containers/labels.js';

/** Volumes with our label that no container has, running or not. */
export async function kept(
  client: Client,
  instance: string | null,
  signal: AbortSignal,
): Promise<readonly KeptStore[]> {
  const unused = `/volumes?${byInstance(instance, { dangling: ['true'] })}`;
  return (await listVolumes(client, unused, signal))
    .filter(({ Labels }) => instance === null || Labels?.[label.instance] === instance)
    .flatMap(({ Name, Labels, ...volume }) => {
      const owner = Labels?.[label.instance];
      const created = 'CreatedAt' in volume ? Date.parse(String(volume.CreatedAt)) : Number.NaN;
      return owner === undefined
        ? []
        : [
            {
              instance: owner,
              service: Labels[label.service] ?? '',
              profile: Labels[label.profile] ?? null,
              name: Name,
              createdAt: Number.isNaN(created) ? 0 : created,
            },
          ];
    });
}

/** What `/volumes` with a query answers; the engine says null for none. */
export async function listVolumes(
  client: Client,
  path: string,
  signal: AbortSignal,
): Promise<readonly VolumeInspectInfo[]> {
  const answer = await client.get<{ readonly Volumes: readonly VolumeInspectInfo[] | null }>(path, signal);
  return answer?.Volumes ?? [];
}
