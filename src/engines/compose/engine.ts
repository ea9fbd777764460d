import type { Engine } from '../../model/engine.js';
import { EnvctlError } from '../../model/errors.js';
import type { ProcessEnv } from '../../model/host.js';
import { openDockerClient } from '../docker/client.js';
import { observe } from '../docker/containers/observe.js';
import { removeServices, stopServices } from '../docker/containers/remove-containers.js';
import { watchEvents } from '../docker/containers/watch.js';
import { keptVolumes } from '../docker/kept-volumes.js';
import { removeInstance } from '../docker/remove-instance.js';

export interface ComposeEngineOptions {
  readonly env: ProcessEnv;
  /** Reads the rules of image substitution, once images are prepared. */
  readonly substitution: () => Promise<(image: string) => string>;
}

/**
 * Services as containers on a Docker Engine: `docker compose create` creates them; the Engine API starts, observes and
 * removes them. Nothing is opened before the first call, and modules are imported by the method that needs them. Every
 * method throws ENGINE_UNAVAILABLE if the engine is lost, and the signal's reason on abort.
 */
export function composeEngine({ env, substitution }: ComposeEngineOptions): Engine {
  const client = openDockerClient(env);
  return {
    name: 'compose',
    runs: ['container'],
    ping: async (signal) => ({
      version: await client.api.ping(signal),
      endpoint: (await client.api.endpoint()).url,
    }),
    check: async (environment) => (await import('./prepare.js')).checkForms(environment),
    observe: (instance, signal) => observe(client, instance, signal),
    kept: (instance, signal) => keptVolumes(client, instance, signal),
    prepare: async (environment, options, context) => {
      const { prepare } = await import('./prepare.js');
      return prepare(client, { environment, options, substitution }, context);
    },
    create: async (prepared, services, context) => {
      const { createServices } = await import('./create.js');
      return createServices(client, { prepared, services }, context);
    },
    start: async (prepared, service, context) => {
      const { startService } = await import('../docker/containers/start-service.js');
      return startService(client, { prepared, service }, context);
    },
    exec: async (target, argv, options) => {
      const { execute } = await import('../docker/containers/exec.js');
      return execute(client, { target, argv }, options);
    },
    logs: async function* (target, options) {
      const { readLogs } = await import('../docker/containers/logs.js');
      yield* readLogs(client, target, options);
    },
    watch: (instance, signal) => watchEvents(client, instance, signal),
    stop: (instance, services, signal) => stopServices(client, services, { instance, signal }),
    removeServices: async (instance, services, signal) => {
      const [leftover] = await removeServices(client, services, { instance, graceMs: 0, volumes: [], signal });
      if (leftover !== undefined)
        throw new EnvctlError('TEARDOWN_INCOMPLETE', `Cannot remove ${leftover.name}: ${leftover.why}`, {
          hint: 'Remove it with `docker rm -f`, then run `envctl up` again.',
        });
    },
    remove: (instance, options, signal) => removeInstance(client, instance, { ...options, signal }),
  };
}
