import { EventEmitter } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { Engine } from '../../model/engine.js';
import { EnvctlError } from '../../model/errors.js';
import type { EmbeddedContext, EmbeddedOptions } from './context.js';
import { create } from './create.js';
import { exec } from './exec.js';
import { kept } from './kept-stores.js';
import { logs } from './logs.js';
import { observe } from './observe.js';
import { check, prepare } from './prepare.js';
import { remove } from './remove.js';
import { start } from './start.js';
import { removeServices, stop } from './stop.js';
import { watch } from './watch.js';

/**
 * Runs services as processes of this machine, without containers: every one in a group of its own, logging to files,
 * found again by any later call through its folder below `stateDir`. Inside and outside are one: loopback.
 */
export function embeddedEngine(options: EmbeddedOptions): Engine {
  const world: EmbeddedContext = { ...options, exits: new EventEmitter().setMaxListeners(0), found: new Map() };
  return {
    name: 'embedded',
    runs: ['process'],
    ping: () => ping(world),
    check: (environment) => check(world, environment),
    observe: async (instance) => observe(world, instance),
    kept: async (instance) => kept(world, instance),
    prepare: (environment, prepareOptions, context) => prepare(world, environment, { ...prepareOptions, ...context }),
    create: (prepared, services) => create(world, prepared, services),
    async start(prepared, service, { signal }) {
      await start(world, prepared, { service, signal });
      return observe(world, prepared.environment.id).filter((one) => one.service === service);
    },
    exec: (target, argv, execOptions) => exec(world, target, argv, execOptions),
    logs: (target, logOptions) => logs(world, target, logOptions),
    watch: (instance, signal) => watch(world, instance, signal),
    stop: (instance, services, graceMs, signal) => stop(world, instance, { services, graceMs, signal }),
    removeServices: (instance, services, signal) => removeServices(world, instance, { services, signal }),
    remove: (instance, removeOptions, signal) => remove(world, instance, { ...removeOptions, signal }),
  };
}

async function ping(world: EmbeddedContext): Promise<{ readonly version: string; readonly endpoint: string }> {
  if (process.platform === 'win32') {
    throw new EnvctlError('ENGINE_UNAVAILABLE', 'services run as processes on Linux and macOS only', {
      hint: 'Use Docker: --engine compose; or run envctl within WSL.',
    });
  }
  try {
    await mkdir(world.stateDir, { recursive: true });
  } catch (error) {
    throw new EnvctlError('ENGINE_UNAVAILABLE', `the folder of instances cannot be made: ${(error as Error).message}`, {
      hint: 'Set ENVCTL_STATE_DIR to a folder that you may write to.',
      cause: error,
    });
  }
  return { version: process.version, endpoint: world.stateDir };
}
