import type { Engine, EngineContext, Preparation, PrepareOptions } from '../../core/contracts.js';
import type { Environment } from '../../core/environment.js';
import { EnvctlError } from '../../core/errors.js';
import { explained } from './calls.js';
import { type Client, type ComposeEngineOptions, openClient } from './client.js';
import { createServices } from './create.js';
import { execute } from './exec.js';
import { prepareImages } from './images.js';
import { readLogs } from './logs.js';
import { observe } from './observe.js';
import { pingEngine } from './ping.js';
import { insideAddresses, outsideAddresses } from './ports.js';
import { removeServices, stopServices } from './remove.js';
import { startService } from './start.js';
import { removeInstance } from './sweep.js';
import { watchEvents } from './watch.js';

/**
 * Services as containers on a Docker Engine: `docker compose create` makes them, the Engine API starts, reads and removes them.
 * Nothing is opened before the first call. Every method throws ENGINE_UNAVAILABLE where the engine is lost, and the signal's reason on abort.
 */
export function composeEngine(options: ComposeEngineOptions): Engine {
  const client = openClient(options);
  return {
    name: 'compose',
    runs: ['container'],
    ping: async (signal) => pingEngine(await client.connect(), signal),
    check: async (environment) => checkForms(environment),
    observe: (instance, signal) => explained(client, signal, observe(client, instance, signal)),
    prepare: (environment, prepare, context) =>
      explained(client, context.signal, prepareAll(client, { environment, options: prepare }, context)),
    create: (prepared, services, context) => explained(client, context.signal, createServices(client, { prepared, services }, context)),
    start: (prepared, service, context) => explained(client, context.signal, startService(client, { prepared, service }, context)),
    exec: (target, argv, exec) => explained(client, exec.signal, execute(client, { target, argv }, exec)),
    logs: (target, logs) => readLogs(client, target, logs),
    watch: (instance, signal) => watchEvents(client, instance, signal),
    stop: (instance, services, graceMs, signal) => explained(client, signal, stopServices(client, services, { instance, graceMs, signal })),
    removeServices: async (instance, services, signal) => {
      const left = await explained(client, signal, removeServices(client, services, { instance, graceMs: 0, signal }));
      if (left[0] !== undefined)
        throw new EnvctlError('TEARDOWN_INCOMPLETE', `${left[0].name} cannot be removed: ${left[0].why}`, {
          hint: 'Remove it by hand (`docker rm -f`), then run `envctl up` again.',
        });
    },
    remove: (instance, remove, signal) => explained(client, signal, removeInstance(client, instance, { ...remove, signal })),
  };
}

async function prepareAll(
  client: Client,
  plan: { readonly environment: Environment; readonly options: PrepareOptions },
  context: EngineContext,
): Promise<Preparation> {
  const { environment, options } = plan;
  const at = { client, outside: await client.outside(), signal: context.signal };
  const outside = await outsideAddresses(environment, options, at);
  const images = await prepareImages(client, plan, context);
  return { images, outside, inside: Object.fromEntries(environment.services.map((service) => [service.name, insideAddresses(service)])) };
}

function checkForms({ services }: Environment): void {
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
