import type { ImageInspectInfo } from 'dockerode';
import type { ImageMetadata } from '../../../model/workload.js';
import type { Client } from '../api/client.js';

/** What an image on the engine says of itself, and its USER; null: it is not there. */
export async function inspectImage(
  client: Client,
  reference: string,
  signal: AbortSignal,
): Promise<{ readonly facts: ImageMetadata; readonly user: string } | null> {
  const image = await client.get<ImageInspectInfo>(`/images/${encodeURI(reference)}/json`, signal);
  return image === null ? null : { facts: factsOf(image, reference), user: image.Config?.User ?? '' };
}

/** An image that is not here yet: `plan` says "decided after pull". */
export function absentFacts(reference: string): ImageMetadata {
  return { id: '', reference, healthcheck: null, volumes: [] };
}

function factsOf(image: ImageInspectInfo, reference: string): ImageMetadata {
  const config: Partial<ImageInspectInfo['Config']> = image.Config ?? {};
  return {
    id: image.Id,
    reference,
    healthcheck: healthcheckOf(config.Healthcheck),
    volumes: Object.keys(config.Volumes ?? {}).sort(),
  };
}

/** Durations in nanoseconds; 0 or absent: the default of `docker run`. */
type Healthcheck = ImageInspectInfo['Config']['Healthcheck'];

const second = 1_000_000_000;

/** The budget is how long Docker itself would wait before it calls the container unhealthy. */
function healthcheckOf(check: Healthcheck | undefined): ImageMetadata['healthcheck'] {
  const test = check?.Test ?? [];
  if (test.length === 0 || test[0] === 'NONE') return null;
  const timeout = check?.Timeout || 30 * second;
  const budget = (check?.StartPeriod ?? 0) + (check?.Retries || 3) * ((check?.Interval || 30 * second) + timeout);
  return { test, timeoutMs: timeout / 1e6, budgetMs: budget / 1e6 };
}
