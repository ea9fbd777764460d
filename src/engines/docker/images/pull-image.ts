import { formatDuration } from '../../../model/durations.js';
import type { EngineContext } from '../../../model/engine.js';
import { EnvctlError } from '../../../model/errors.js';
import { parseImageReference } from '../../../model/image-reference.js';
import type { Position } from '../../../model/profile.js';
import { apiFailure } from '../api/api-error.js';
import { jsonLines } from '../api/line-splitter.js';
import type { DockerClient } from '../client.js';
import { imageProgress } from './image-progress.js';
import { credentialsFor } from './registry-credentials.js';

export interface ImageToPull {
  /** Services that use the image. */
  readonly services: readonly { readonly name: string; readonly position: Position }[];
  readonly reference: string;
  /** `os/arch`; null: the engine's own. */
  readonly platform: string | null;
}

export interface PullOptions {
  /** `local`: if the pull fails, warn and use the image that the engine has already. */
  readonly fallback: 'none' | 'local';
}

/** A pull without any progress for this long has failed. */
const stallTimeoutMs = 60_000;

/** Throws IMAGE_MISSING with a remedy that fits the registry's answer. */
export async function pullImage(
  client: DockerClient,
  image: ImageToPull,
  { emit, signal, fallback }: EngineContext & PullOptions,
): Promise<void> {
  const progress = imageProgress(
    { service: image.services[0]?.name ?? '', image: image.reference, work: 'pull' },
    emit,
  );
  progress.begin();
  try {
    await pull(client, image, { signal, onProgress: (line) => progress.update(line) });
  } catch (error) {
    signal.throwIfAborted();
    const failure = pullFailure(image, apiFailure(error).message);
    if (fallback === 'none') throw failure;
    emit({ type: 'warning', text: `${failure.message}; using the image that the engine has` });
  }
  progress.end();
}

async function pull(
  client: DockerClient,
  { reference, platform }: ImageToPull,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (line: string) => void },
): Promise<void> {
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(), stallTimeoutMs);
  const limited = AbortSignal.any([signal, stalled.signal]);
  try {
    const credentials = await credentialsFor(reference, client.env, limited);
    const request = { reference: withTag(reference), platform, credentials };
    for await (const event of jsonLines(await client.api.pullImage(request, limited))) {
      timer.refresh();
      if (typeof event.error === 'string') throw new Error(event.error);
      onProgress([event.id, event.status, event.progress].filter(Boolean).join(' '));
    }
  } catch (error) {
    throw stalled.signal.aborted ? new Error(`no progress for ${formatDuration(stallTimeoutMs)}`) : error;
  } finally {
    clearTimeout(timer);
  }
}

/** Without a tag the engine would pull all tags. */
function withTag(reference: string): string {
  const { tag, digest } = parseImageReference(reference);
  return tag === null && digest === null ? `${reference}:latest` : reference;
}

const hints: readonly (readonly [pattern: RegExp, hint: string])[] = [
  [
    /toomanyrequests|rate limit|429/i,
    'The registry limits pulls: log in (`docker login`), use a mirror (`registry-mirrors` in daemon.json), ' +
      'or map the image to another one with ENVCTL_IMAGES.',
  ],
  [
    /unauthorized|authentication required|no basic auth|403|denied/i,
    'Check the name: it may be misspelled or renamed. If the image is private, log in with `docker login`.',
  ],
  [
    /not found|manifest unknown|does not exist|404/i,
    'Check the name and the tag: they may be misspelled, renamed or withdrawn.',
  ],
  [
    /no progress|no such host|lookup|connection refused|timeout|unreachable|i\/o|EOF|dial/i,
    'The engine cannot reach the registry: check its network and proxy, load the image (`docker load`), ' +
      'or map it to a mirror with ENVCTL_IMAGES.',
  ],
];

function pullFailure({ reference, services: [first] }: ImageToPull, reason: string): EnvctlError {
  return new EnvctlError(
    'IMAGE_MISSING',
    `Image ${reference} of service "${first?.name}" cannot be pulled: ${reason.split('\n')[0]}`,
    {
      hint:
        hints.find(([pattern]) => pattern.test(reason))?.[1] ??
        `\`docker pull ${reference}\` shows the same error in full.`,
      detail: reason,
      ...(first === undefined ? {} : { service: first.name, position: first.position }),
    },
  );
}
