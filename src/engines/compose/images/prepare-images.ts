import type { EngineContext, PrepareOptions } from '../../../model/engine.js';
import type { Environment } from '../../../model/environment.js';
import { EnvctlError } from '../../../model/errors.js';
import type { ImageMetadata } from '../../../model/workload.js';
import type { Client } from '../../docker/api/client.js';
import { absentFacts, inspectImage } from '../../docker/images/image-metadata.js';
import { pullImage } from '../../docker/images/pull-image.js';
import { buildImage } from './build-image.js';
import { type ImageNeed, imageNeeds } from './image-requirements.js';

/**
 * Makes every image of the environment be there, builds and pulls side by side, and tells what each says of itself. Nothing else is created,
 * so that a missing image is found first. Throws IMAGE_MISSING, IMAGE_BUILD_FAILED; the first failure ends the others.
 */
export async function prepareImages(
  client: Client,
  plan: { readonly environment: Environment; readonly options: PrepareOptions },
  context: EngineContext,
): Promise<Readonly<Record<string, ImageMetadata>>> {
  const substitute = await client.options.substitution();
  const needs = imageNeeds(plan.environment, (image) => {
    const by = substitute(image);
    if (by !== image && client.first(`substitution ${image}`)) context.emit({ type: 'substitution', image, by });
    return by;
  });
  const found = await together(context.signal, needs, (need, signal) =>
    obtain(client, { need, ...plan }, { ...context, signal }),
  );
  return Object.fromEntries(
    needs.flatMap(({ services, reference }, at) =>
      services.map(({ name }) => [name, found[at] ?? absentFacts(reference)]),
    ),
  );
}

interface Order {
  readonly need: ImageNeed;
  readonly environment: Environment;
  readonly options: PrepareOptions;
}

async function obtain(
  client: Client,
  { need, environment, options }: Order,
  context: EngineContext,
): Promise<ImageMetadata> {
  const look = async (): Promise<ImageMetadata | null> =>
    (await inspectImage(client, need.reference, context.signal))?.facts ?? null;
  if (options.images === 'local') return (await look()) ?? absentFacts(need.reference);
  if (need.kind === 'build') {
    await buildImage(client, { need, project: environment.project, pull: options.pull }, context);
    return (
      (await look()) ??
      missing(
        need,
        'it was built, but is not on the engine',
        'Use a builder that loads its result into the engine: `docker buildx use default`.',
      )
    );
  }
  const local = await look();
  if (need.policy === 'never')
    return (
      local ??
      missing(
        need,
        'it is not here and `pull_policy: never` forbids a pull',
        `Load it (\`docker load\`, \`docker pull ${need.reference}\`) or change pull_policy.`,
      )
    );
  if (local !== null && need.policy !== 'always' && !options.pull) return local;
  await pullImage(client, { need, fallback: local === null ? 'none' : 'local' }, context);
  return (
    (await look()) ??
    missing(need, 'the engine says it pulled it, but does not have it', `Try \`docker pull ${need.reference}\`.`)
  );
}

function missing(need: ImageNeed, why: string, hint: string): never {
  const [first] = need.services;
  throw new EnvctlError('IMAGE_MISSING', `Image ${need.reference} of "${first?.name}": ${why}`, {
    hint,
    ...(first === undefined ? {} : { service: first.name, position: first.position }),
  });
}

/** Runs all; the first failure aborts the others, waits for them to settle, and is thrown. */
async function together<T, R>(
  signal: AbortSignal,
  items: readonly T[],
  work: (item: T, signal: AbortSignal) => Promise<R>,
): Promise<readonly R[]> {
  const stop = new AbortController();
  const linked = AbortSignal.any([signal, stop.signal]);
  const tasks = items.map((item) =>
    work(item, linked).catch((error: unknown) => {
      if (!stop.signal.aborted) stop.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(tasks);
  signal.throwIfAborted();
  if (stop.signal.aborted) throw stop.signal.reason;
  return Promise.all(tasks);
}
