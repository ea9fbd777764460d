import { availableParallelism } from 'node:os';
import type { ContainerInfo } from 'dockerode';
import type { ProcessEnv } from '../../model/host.js';
import { type EngineApi, openEngineApi } from './api/engine-api.js';
import { retryable } from './api/retryable.js';
import { findHostAccess, type HostAccess } from './network/host-access.js';
import { semaphore } from './semaphore.js';

/** One engine object's connection to its Docker Engine, and what it remembers of it. */
export interface DockerClient {
  /** The process variables: DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG, ENVCTL_HOST, PATH, HOME … */
  readonly env: ProcessEnv;
  readonly api: EngineApi;
  /** How services are reached from this process. */
  hostAccess(): Promise<HostAccess>;
  /** Containers by instance as last listed, so that starts and probes need no list of their own. */
  readonly listed: Map<string, readonly ContainerInfo[]>;
  /** Limits concurrent starts: starting everything at once delays the service on the critical path. */
  readonly startSlot: <T>(start: () => Promise<T>) => Promise<T>;
  /** True the first time `key` is passed. */
  isFirst(key: string): boolean;
}

/** Opens nothing before the first call. */
export function openDockerClient(env: ProcessEnv): DockerClient {
  const seen = new Set<string>();
  const api = openEngineApi(env);
  return {
    env,
    api,
    hostAccess: retryable(() => findHostAccess(api, env)),
    listed: new Map(),
    startSlot: semaphore(Math.max(2, availableParallelism())),
    isFirst: (key) => !seen.has(key) && seen.add(key).has(key),
  };
}
