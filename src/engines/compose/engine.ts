import type { Engine } from '../../core/contracts.js';
import { EnvctlError } from '../../core/errors.js';
import { explained } from './calls.js';
import { type ComposeEngineOptions, openClient } from './client.js';
import { kept } from './kept.js';
import { observe } from './observe.js';
import { pingEngine } from './ping.js';
import { removeServices, stopServices } from './remove.js';
import { removeInstance } from './sweep.js';
import { watchEvents } from './watch.js';

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
      const { startService } = await import('./start.js');
      return explained(client, context.signal, startService(client, { prepared, service }, context));
    },
    exec: async (target, argv, options) => {
      const { execute } = await import('./exec.js');
      return explained(client, options.signal, execute(client, { target, argv }, options));
    },
    logs: async function* (target, options) {
      const { readLogs } = await import('./logs.js');
      yield* readLogs(client, target, options);
    },
    watch: (instance, signal) => watchEvents(client, instance, signal),
    stop: (instance, services, graceMs, signal) => explained(client, signal, stopServices(client, services, { instance, graceMs, signal })),
    removeServices: async (instance, services, signal) => {
      const left = await explained(client, signal, removeServices(client, services, { instance, graceMs: 0, doomed: [], signal }));
      if (left[0] !== undefined)
        throw new EnvctlError('TEARDOWN_INCOMPLETE', `${left[0].name} cannot be removed: ${left[0].why}`, {
          hint: 'Remove it by hand (`docker rm -f`), then run `envctl up` again.',
        });
    },
    remove: (instance, remove, signal) => explained(client, signal, removeInstance(client, instance, { ...remove, signal })),
  };
}
