import type { EngineContext, PrepareOptions } from '../../model/engine.js';
import type { Environment } from '../../model/environment.js';
import { EnvctlError } from '../../model/errors.js';
import type { Preparation } from '../../model/workload.js';
import { preloadRunner } from '../../processes/run-process.js';
import type { DockerClient } from '../docker/client.js';
import { insideAddresses, outsideAddresses } from '../docker/network/port-addresses.js';
import { prepareImages } from './images/prepare-images.js';

export interface PrepareRequest {
  readonly environment: Environment;
  readonly options: PrepareOptions;
  readonly substitution: () => Promise<(image: string) => string>;
}

/** Reserves ports, then pulls and builds images. Throws PORT_TAKEN, IMAGE_MISSING, IMAGE_BUILD_FAILED. */
export async function prepare(
  client: DockerClient,
  request: PrepareRequest,
  context: EngineContext,
): Promise<Preparation> {
  const { environment, options } = request;
  if (options.images === 'make') preloadRunner();
  const portContext = { client, access: await client.hostAccess(), signal: context.signal };
  const outside = await outsideAddresses(environment, options, portContext);
  const images = await prepareImages(client, { ...request, substitute: await request.substitution() }, context);
  const inside = Object.fromEntries(environment.services.map((service) => [service.name, insideAddresses(service)]));
  return { images, outside, inside };
}

/** Throws ENGINE_CANNOT_RUN if a service cannot run as a container. */
export function checkForms({ services }: Environment): void {
  const withoutImage = services.filter(({ compose }) => compose.image === undefined && compose.build === undefined);
  const [first] = withoutImage;
  if (first === undefined) return;
  const names = withoutImage.map(({ name }) => `"${name}"`).join(', ');
  const subject = withoutImage.length === 1 ? `Service ${names} has` : `Services ${names} have`;
  throw new EnvctlError(
    'ENGINE_CANNOT_RUN',
    `${subject} neither \`image\` nor \`build\`, so no container can be created`,
    {
      hint: 'Add one of the two, or run the profile without Docker: `--engine embedded`.',
      service: first.name,
      position: first.position,
    },
  );
}
