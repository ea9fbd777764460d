import type { Engine } from '../../model/engine.js';
import { EnvctlError } from '../../model/errors.js';
import { explained } from '../docker/api/api-errors.js';
import { type ComposeEngineOptions, openClient } from '../docker/api/client.js';
import { pingEngine } from '../docker/api/ping.js';
import { observe } from '../docker/containers/observe.js';
import { removeServices, stopServices } from '../docker/containers/remove-containers.js';
import { watchEvents } from '../docker/containers/watch.js';
import { kept } from '../docker/kept-volumes.js';
import { removeInstance } from '../docker/remove-instance.js';

/**
 * Services as containers on a Docker Engine: `docker compose create` makes them, the Engine API starts, reads and removes them.
 * Nothing is opened before the first call, and what only `up` needs is loaded by it: half of this folder. Every method throws ENGINE_UNAVAILABLE where the engine is lost, and the signal's reason on abort.
 */
export function composeEngine(options: ComposeEngineOptions): Engine {
  const client = openClient(options);
  return {
    name: 'compose',
    runs: ['container'],
    ping: async (signal) => pingEngine(await client.connect(), signal),
    check: async (environment) => (await import('./prepare.js')).checkForms(environment),
    observe: (instance, signal) => explained(client, signal, observe(client, instance, signal)),
    kept: (instance, signal) => explained(client, signal, kept(client, instance, signal)),
    prepare: async (environment, options, context) => {
      const { prepareAll } = await import('./prepare.js');
      return explained(client, context.signal, prepareAll(client, { environment, options }, context));
    },
    create: async (prepared, services, context) => {
      const { createServices } = await import('./create.js');
      return explained(client, context.signal, createServices(client, { prepared, services }, context));
    },
    start: async (prepared, service, context) => {
      const { startService } = await import('../docker/containers/start-service.js');
      return explained(client, context.signal, startService(client, { prepared, service }, context));
    },
    exec: async (target, argv, options) => {
      const { execute } = await import('../docker/containers/exec.js');
      return explained(client, options.signal, execute(client, { target, argv }, options));
    },
    logs: async function* (target, options) {
      const { readLogs } = await import('../docker/containers/logs.js');
      yield* readLogs(client, target, options);
    },
    watch: (instance, signal) => watchEvents(client, instance, signal),
    stop: (instance, services, graceMs, signal) =>
      explained(client, signal, stopServices(client, services, { instance, graceMs, signal })),
    removeServices: async (instance, services, signal) => {
      const left = await explained(
        client,
        signal,
        removeServices(client, services, { instance, graceMs: 0, doomed: [], signal }),
      );
      if (left[0] !== undefined)
        throw new EnvctlError('TEARDOWN_INCOMPLETE', `${left[0].name} cannot be removed: ${left[0].why}`, {
          hint: 'Remove it by hand (`docker rm -f`), then run `envctl up` again.',
        });
    },
    remove: (instance, remove, signal) =>
      explained(client, signal, removeInstance(client, instance, { ...remove, signal })),
  };
}
