import { EventEmitter } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { Engine } from '../../model/engine.js';
import { EnvctlError } from '../../model/errors.js';
import { check } from './check.js';
import type { EmbeddedContext, EmbeddedOptions } from './context.js';
import { create } from './create.js';
import { exec } from './exec.js';
import { logs } from './logs.js';
import { observe } from './observe.js';
import { prepare } from './prepare.js';
import { remove } from './remove.js';
import { start } from './start.js';
import { keptStores } from './state/kept-stores.js';
import { removeServices, stop } from './stop.js';
import { watch } from './watch.js';

/**
 * Runs services as processes of this machine, without containers. Each replica is a process group that logs to files
 * and has a folder in `stateDir`, by which later calls find it. Inside and outside addresses are the same: loopback.
 */
export function embeddedEngine(options: EmbeddedOptions): Engine {
  const context: EmbeddedContext = {
    ...options,
    exits: new EventEmitter().setMaxListeners(0),
    foundServers: new Map(),
  };
  return {
    name: 'embedded',
    runs: ['process'],
    ping: () => ping(context),
    check: (environment) => check(context, environment),
    observe: async (instance) => observe(context, instance),
    kept: async (instance) => keptStores(context, instance),
    prepare: (environment, prepareOptions, engineContext) =>
      prepare(context, environment, { ...prepareOptions, ...engineContext }),
    create: (prepared, services) => create(context, prepared, services),
    async start(prepared, service, { signal }) {
      await start(context, prepared, { service, signal });
      return observe(context, prepared.environment.id).filter((one) => one.service === service);
    },
    exec: (target, argv, execOptions) => exec(context, target, argv, execOptions),
    logs: (target, logOptions) => logs(context, target, logOptions),
    watch: (instance, signal) => watch(context, instance, signal),
    stop: (instance, services, signal) => stop(context, instance, { services, signal }),
    removeServices: (instance, services, signal) => removeServices(context, instance, { services, signal }),
    remove: (instance, removeOptions, signal) => remove(context, instance, { ...removeOptions, signal }),
  };
}

async function ping(context: EmbeddedContext): Promise<{ readonly version: string; readonly endpoint: string }> {
  if (process.platform === 'win32') {
    throw new EnvctlError('ENGINE_UNAVAILABLE', 'Services run as processes on Linux and macOS only', {
      hint: 'Use Docker (`--engine compose`), or run envctl in WSL.',
    });
  }
  try {
    await mkdir(context.stateDir, { recursive: true });
  } catch (error) {
    throw new EnvctlError('ENGINE_UNAVAILABLE', `Cannot create the state folder: ${(error as Error).message}`, {
      hint: 'Set ENVCTL_STATE_DIR to a folder that you can write to.',
      cause: error,
    });
  }
  return { version: process.version, endpoint: context.stateDir };
}
