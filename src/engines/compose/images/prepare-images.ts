import type { EngineContext, PrepareOptions } from '../../../model/engine.js';
import type { Environment } from '../../../model/environment.js';
import { EnvctlError } from '../../../model/errors.js';
import type { ImageMetadata } from '../../../model/workload.js';
import type { DockerClient } from '../../docker/client.js';
import { absentImage, imageMetadata } from '../../docker/images/image-metadata.js';
import { pullImage } from '../../docker/images/pull-image.js';
import { buildImage } from './build-image.js';
import {
  type BuildRequirement,
  type ImageRequirement,
  imageRequirements,
  type PullRequirement,
} from './image-requirements.js';

export interface ImagePreparation {
  readonly environment: Environment;
  readonly options: PrepareOptions;
  readonly substitute: (image: string) => string;
}

/**
 * Pulls and builds all images in parallel and returns their metadata by service. Creates nothing else, so that a
 * missing image is found first. Throws IMAGE_MISSING, IMAGE_BUILD_FAILED; the first failure ends the others.
 */
export async function prepareImages(
  client: DockerClient,
  preparation: ImagePreparation,
  context: EngineContext,
): Promise<Readonly<Record<string, ImageMetadata>>> {
  const requirements = imageRequirements(preparation.environment, (image) => {
    const by = preparation.substitute(image);
    if (by !== image && client.isFirst(`substitution ${image}`)) context.emit({ type: 'substitution', image, by });
    return by;
  });
  const byService = await allOrAbort(context.signal, requirements, async (requirement, signal) => {
    const image = await obtain(client, { requirement, ...preparation }, { ...context, signal });
    return requirement.services.map(({ name }) => [name, image] as const);
  });
  return Object.fromEntries(byService.flat());
}

type ImageRequest<Requirement> = ImagePreparation & { readonly requirement: Requirement };

async function obtain(
  client: DockerClient,
  { requirement, ...preparation }: ImageRequest<ImageRequirement>,
  context: EngineContext,
): Promise<ImageMetadata> {
  const { reference } = requirement;
  if (preparation.options.images === 'local')
    return (await imageMetadata(client, reference, context.signal)) ?? absentImage(reference);
  return requirement.kind === 'build'
    ? build(client, { requirement, ...preparation }, context)
    : fromRegistry(client, { requirement, ...preparation }, context);
}

async function build(
  client: DockerClient,
  { requirement, environment, options }: ImageRequest<BuildRequirement>,
  context: EngineContext,
): Promise<ImageMetadata> {
  await buildImage(client, { requirement, project: environment.project, pull: options.pull }, context);
  const built = await imageMetadata(client, requirement.reference, context.signal);
  return built ?? missing(requirement, notLoaded);
}

/** Follows the pull policy. */
async function fromRegistry(
  client: DockerClient,
  { requirement, options }: ImageRequest<PullRequirement>,
  context: EngineContext,
): Promise<ImageMetadata> {
  const local = await imageMetadata(client, requirement.reference, context.signal);
  if (requirement.policy === 'never') return local ?? missing(requirement, forbiddenPull(requirement));
  const isCurrent = requirement.policy === 'missing' && !options.pull;
  return local !== null && isCurrent ? local : pull(client, { requirement, local }, context);
}

async function pull(
  client: DockerClient,
  { requirement, local }: { readonly requirement: PullRequirement; readonly local: ImageMetadata | null },
  context: EngineContext,
): Promise<ImageMetadata> {
  await pullImage(client, requirement, { ...context, fallback: local === null ? 'none' : 'local' });
  const pulled = await imageMetadata(client, requirement.reference, context.signal);
  return pulled ?? missing(requirement, notStored(requirement));
}

interface MissingReason {
  readonly why: string;
  readonly hint: string;
}

const notLoaded: MissingReason = {
  why: 'it was built, but is not on the engine',
  hint: 'Use a builder that loads its result into the engine: `docker buildx use default`.',
};

const notStored = ({ reference }: PullRequirement): MissingReason => ({
  why: 'the engine reported a successful pull, but does not have it',
  hint: `Try \`docker pull ${reference}\`.`,
});

const forbiddenPull = ({ reference }: PullRequirement): MissingReason => ({
  why: 'it is not on the engine, and `pull_policy: never` forbids a pull',
  hint: `Load it (\`docker load\`, \`docker pull ${reference}\`) or change pull_policy.`,
});

function missing({ reference, services: [first] }: ImageRequirement, { why, hint }: MissingReason): never {
  throw new EnvctlError('IMAGE_MISSING', `Image ${reference} of service "${first?.name}" is missing: ${why}`, {
    hint,
    ...(first === undefined ? {} : { service: first.name, position: first.position }),
  });
}

/** Runs `work` on all items. The first failure aborts the others, waits until they have settled, and is thrown. */
async function allOrAbort<T, R>(
  signal: AbortSignal,
  items: readonly T[],
  work: (item: T, signal: AbortSignal) => Promise<R>,
): Promise<readonly R[]> {
  const failed = new AbortController();
  const linked = AbortSignal.any([signal, failed.signal]);
  const tasks = items.map((item) =>
    work(item, linked).catch((error: unknown) => {
      if (!failed.signal.aborted) failed.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(tasks);
  signal.throwIfAborted();
  failed.signal.throwIfAborted();
  return Promise.all(tasks);
}
