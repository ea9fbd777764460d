import type { EngineContext, PrepareOptions } from '../../model/engine.js';
import type { Environment } from '../../model/environment.js';
import { EnvctlError } from '../../model/errors.js';
import type { Preparation } from '../../model/workload.js';
import { preloadRunner } from '../../processes/run-process.js';
import type { Client } from '../docker/api/client.js';
import { insideAddresses, outsideAddresses } from '../docker/network/port-addresses.js';
import { prepareImages } from './images/prepare-images.js';

/** Images made or found, and the addresses that are known before anything is created. Throws what `prepareImages` does, PORT_TAKEN. */
export async function prepareAll(
  client: Client,
  plan: { readonly environment: Environment; readonly options: PrepareOptions },
  context: EngineContext,
): Promise<Preparation> {
  const { environment, options } = plan;
  if (options.images === 'make') preloadRunner();
  const at = { client, outside: await client.outside(), signal: context.signal };
  const outside = await outsideAddresses(environment, options, at);
  const images = await prepareImages(client, plan, context);
  return {
    images,
    outside,
    inside: Object.fromEntries(environment.services.map((service) => [service.name, insideAddresses(service)])),
  };
}

/** Throws ENGINE_CANNOT_RUN where a service has no container form. */
export function checkForms({ services }: Environment): void {
  const without = services.filter(({ compose }) => compose.image === undefined && compose.build === undefined);
  const [first] = without;
  if (first === undefined) return;
  const names = without.map(({ name }) => `"${name}"`).join(', ');
  throw new EnvctlError(
    'ENGINE_CANNOT_RUN',
    `${names} ${without.length === 1 ? 'has' : 'have'} no container form: neither \`image\` nor \`build\``,
    {
      hint: 'Give it one, or run the profile without Docker: --engine embedded.',
      service: first.name,
      position: first.position,
    },
  );
}
