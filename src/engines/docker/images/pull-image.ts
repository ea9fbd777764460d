import type { Readable } from 'node:stream';
import { formatDuration } from '../../../model/durations.js';
import type { EngineContext } from '../../../model/engine.js';
import { EnvctlError } from '../../../model/errors.js';
import { parseImageReference } from '../../../model/image-reference.js';
import type { Position } from '../../../model/profile.js';
import { failureOf } from '../api/api-errors.js';
import type { Client } from '../api/client.js';
import { jsonLines } from '../api/line-splitter.js';
import { progressTeller } from './image-progress.js';
import { credentialsFor } from './registry-credentials.js';

export interface ImageToPull {
  readonly services: readonly { readonly name: string; readonly position: Position }[];
  readonly reference: string;
  /** `os/arch`; null: the engine's own. */
  readonly platform: string | null;
}

export interface PullOrder {
  readonly need: ImageToPull;
  /** `local`: an older one is here and will do, with a warning, when the registry does not answer. */
  readonly fallback: 'none' | 'local';
}

const silenceMs = 60_000;

/** Pulls through the Engine API; 60 s without any progress end it. Throws IMAGE_MISSING with what may be wrong. */
export async function pullImage(client: Client, order: PullOrder, context: EngineContext): Promise<void> {
  const { need } = order;
  const service = need.services[0]?.name ?? '';
  const progress = progressTeller({ service, image: need.reference, work: 'pull' }, context.emit);
  progress.begin();
  try {
    await pull(client, need, { signal: context.signal, onProgress: (line) => progress.tell(line) });
  } catch (error) {
    context.signal.throwIfAborted();
    const failure = pullFailure(need, service, failureOf(error).message);
    if (order.fallback === 'none') throw failure;
    context.emit({ type: 'warning', text: `${failure.message}; the one that is here is used` });
  }
  progress.end();
}

interface Pulling {
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

async function pull(client: Client, need: ImageToPull, { signal, onProgress }: Pulling): Promise<void> {
  const silence = watchSilence();
  try {
    const stream = await openPull(client, need, AbortSignal.any([signal, silence.signal]));
    for await (const event of jsonLines(stream)) {
      silence.broken();
      if (typeof event.error === 'string') throw new Error(event.error);
      onProgress([event.id, event.status, event.progress].filter(Boolean).join(' '));
    }
  } catch (error) {
    throw silence.signal.aborted ? new Error(`no progress for ${formatDuration(silenceMs)}`) : error;
  } finally {
    silence.end();
  }
}

async function openPull(
  client: Client,
  need: ImageToPull,
  abortSignal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const docker = await client.docker();
  const auth = await credentialsFor(need.reference, client.options.env, abortSignal);
  const login = auth === null ? {} : { authconfig: { key: auth } };
  const platform = need.platform === null ? {} : { platform: need.platform };
  const stream = (await docker.pull(tagged(need.reference), { abortSignal, ...login, ...platform })) as Readable;
  // The response goes on after the request is over, and an abort of the latter does not end it.
  abortSignal.addEventListener('abort', () => void stream.destroy(new Error('aborted')), { once: true });
  return stream;
}

/** Aborts its signal when nothing has broken the silence for too long. */
function watchSilence(): { readonly signal: AbortSignal; broken(): void; end(): void } {
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(), silenceMs);
  return { signal: stalled.signal, broken: () => void timer.refresh(), end: () => clearTimeout(timer) };
}

/** Without a tag the engine would pull them all. */
function tagged(reference: string): string {
  const { tag, digest } = parseImageReference(reference);
  return tag === null && digest === null ? `${reference}:latest` : reference;
}

const hints: readonly (readonly [RegExp, string])[] = [
  [
    /toomanyrequests|rate limit|429/i,
    'The registry limits pulls: log in (`docker login`), use a mirror (`registry-mirrors` in daemon.json), or map the image with ENVCTL_IMAGES.',
  ],
  [
    /unauthorized|authentication required|no basic auth|403|denied/i,
    'Is the name spelt right, or was the image renamed? If it is private: `docker login` to its registry.',
  ],
  [
    /not found|manifest unknown|does not exist|404/i,
    'Is the name and its tag spelt right, or was it renamed or withdrawn?',
  ],
  [
    /no progress|no such host|lookup|connection refused|timeout|unreachable|i\/o|EOF|dial/i,
    'The registry cannot be reached from the engine: check the network and proxy, load the image (`docker load`), or map it to a mirror with ENVCTL_IMAGES.',
  ],
];

function pullFailure(need: ImageToPull, service: string, words: string): EnvctlError {
  const hint =
    hints.find(([when]) => when.test(words))?.[1] ?? `Try \`docker pull ${need.reference}\`: it shows the same.`;
  const position = need.services[0]?.position;
  return new EnvctlError(
    'IMAGE_MISSING',
    `Image ${need.reference} of "${service}" is not here and cannot be pulled: ${words.split('\n')[0]}`,
    {
      hint,
      detail: words,
      service,
      ...(position === undefined ? {} : { position }),
    },
  );
}
