import type { ImageInspectInfo } from 'dockerode';
import type { ImageMetadata } from '../../../model/workload.js';
import type { DockerClient } from '../client.js';

/** Null if the engine does not have the image. */
export async function imageMetadata(
  client: DockerClient,
  reference: string,
  signal: AbortSignal,
): Promise<ImageMetadata | null> {
  const image = await client.api.inspectImage(reference, signal);
  if (image === null) return null;
  const config: Partial<ImageConfig> = image.Config ?? {};
  return {
    id: image.Id,
    reference,
    healthcheck: healthcheckOf(config.Healthcheck),
    volumes: Object.keys(config.Volumes ?? {}).sort(),
  };
}

/** Metadata of an image that the engine does not have yet; `plan` shows it as "decided after pull". */
export function absentImage(reference: string): ImageMetadata {
  return { id: '', reference, healthcheck: null, volumes: [] };
}

/** The image's USER; empty: root. */
export async function imageUser(client: DockerClient, reference: string, signal: AbortSignal): Promise<string> {
  return (await client.api.inspectImage(reference, signal))?.Config?.User ?? '';
}

type ImageConfig = ImageInspectInfo['Config'];

const second = 1_000_000_000;

/**
 * Durations are in nanoseconds; 0 or absent means Docker's default. The budget is the time after which Docker reports
 * the container as unhealthy.
 */
function healthcheckOf(check: ImageConfig['Healthcheck'] | undefined): ImageMetadata['healthcheck'] {
  const test = check?.Test ?? [];
  if (test.length === 0 || test[0] === 'NONE') return null;
  const timeout = check?.Timeout || 30 * second;
  const budget = (check?.StartPeriod ?? 0) + (check?.Retries || 3) * ((check?.Interval || 30 * second) + timeout);
  return { test, timeoutMs: timeout / 1e6, budgetMs: budget / 1e6 };
}
