import type {
  ContainerInfo,
  ContainerInspectInfo,
  ImageInspectInfo,
  NetworkInspectInfo,
  VolumeInspectInfo,
} from 'dockerode';
import type { ProcessEnv } from '../../../model/host.js';
import type { ExecProcess, ExecRequest, PullRequest } from './dockerode.js';
import type { Endpoint } from './endpoint.js';
import { type EngineConnection, openEngineConnection } from './engine-connection.js';
import { pingEngine } from './ping.js';
import { type Requests, requestsOver, translated, translatedOutput } from './requests.js';
import { retryable } from './retryable.js';

/** Conditions of a list call, by the filter's name. */
export type Filters = Readonly<Record<string, readonly string[]>>;

/**
 * The Docker Engine API (docs.docker.com/reference/api/engine), as far as envctl uses it.
 * Every call has its own time limit. It rejects with ApiError if the engine refuses, with ENGINE_UNAVAILABLE if the
 * engine is lost, and with the signal's reason on abort. Reads resolve with null if there is no such object.
 */
export interface EngineApi {
  endpoint(): Promise<Endpoint>;
  /** The engine's version. */
  ping(signal: AbortSignal): Promise<string>;
  listContainers(filters: Filters, signal: AbortSignal): Promise<readonly ContainerInfo[]>;
  inspectContainer(id: string, signal: AbortSignal): Promise<ContainerInspectInfo | null>;
  /** Resolves as well if the container runs already. */
  startContainer(id: string, signal: AbortSignal): Promise<void>;
  unpauseContainer(id: string, signal: AbortSignal): Promise<void>;
  /** Kills the container after the grace period, rounded up to whole seconds. Resolves as well if it does not run. */
  stopContainer(id: string, graceMs: number, signal: AbortSignal): Promise<void>;
  /** Kills the container and removes it with its anonymous volumes. */
  removeContainer(id: string, signal: AbortSignal): Promise<void>;
  readLogs(id: string, query: URLSearchParams, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | null>;
  exec(id: string, request: ExecRequest, signal: AbortSignal): Promise<ExecProcess>;
  /** Starts importing what `exec` needs, so that its first call need not wait for it. */
  preloadExec(): void;
  /** One JSON object per line, until the signal aborts. */
  readEvents(filters: Filters, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | null>;
  inspectImage(reference: string, signal: AbortSignal): Promise<ImageInspectInfo | null>;
  /** Progress, one JSON object per line. */
  pullImage(request: PullRequest, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  listNetworks(filters: Filters, signal: AbortSignal): Promise<readonly NetworkInspectInfo[]>;
  inspectNetwork(id: string, signal: AbortSignal): Promise<NetworkInspectInfo | null>;
  connectNetwork(id: string, container: string, signal: AbortSignal): Promise<void>;
  disconnectNetwork(id: string, container: string, signal: AbortSignal): Promise<void>;
  removeNetwork(id: string, signal: AbortSignal): Promise<void>;
  listVolumes(filters: Filters, signal: AbortSignal): Promise<readonly VolumeInspectInfo[]>;
  removeVolume(name: string, signal: AbortSignal): Promise<void>;
}

/** Finds and opens the engine at the first call. */
export function openEngineApi(env: ProcessEnv): EngineApi {
  const connect = retryable(() => openEngineConnection(env));
  const requests = requestsOver(connect);
  return {
    endpoint: async () => (await connect()).endpoint,
    ping: async (signal) => pingEngine(await connect(), signal),
    readEvents: (filters, signal) => requests.stream(`/events?${queryOf(filters)}`, signal),
    ...containerCalls(requests),
    ...networkCalls(requests),
    ...volumeCalls(requests),
    ...dockerodeCalls(connect),
    inspectImage: (reference, signal) => requests.get(`/images/${encodeURI(reference)}/json`, signal),
  };
}

const callTimeoutMs = 60_000;
const networkTimeoutMs = 30_000;

function containerCalls(requests: Requests) {
  const post = (id: string, action: string, options: { readonly signal: AbortSignal; readonly timeoutMs?: number }) =>
    requests.post(`/containers/${id}/${action}`, { timeoutMs: callTimeoutMs, ...options });
  return {
    listContainers: async (filters, signal) =>
      (await requests.get(`/containers/json?all=true&${queryOf(filters)}`, signal)) ?? [],
    inspectContainer: (id, signal) => requests.get(`/containers/${id}/json`, signal),
    startContainer: (id, signal) => post(id, 'start', { signal }),
    unpauseContainer: (id, signal) => post(id, 'unpause', { signal }),
    stopContainer: (id, graceMs, signal) =>
      post(id, `stop?t=${Math.ceil(graceMs / 1000)}`, { signal, timeoutMs: graceMs + callTimeoutMs }),
    removeContainer: (id, signal) =>
      requests.delete(`/containers/${id}?force=true&v=true`, { signal, timeoutMs: callTimeoutMs }),
    readLogs: (id, query, signal) => requests.stream(`/containers/${id}/logs?${query}`, signal),
  } satisfies Partial<EngineApi>;
}

function networkCalls(requests: Requests) {
  const timeoutMs = networkTimeoutMs;
  return {
    listNetworks: async (filters, signal) => (await requests.get(`/networks?${queryOf(filters)}`, signal)) ?? [],
    inspectNetwork: (id, signal) => requests.get(`/networks/${id}`, signal),
    connectNetwork: (id, container, signal) =>
      requests.post(`/networks/${id}/connect`, { signal, timeoutMs, body: { Container: container } }),
    disconnectNetwork: (id, container, signal) =>
      requests.post(`/networks/${id}/disconnect`, { signal, timeoutMs, body: { Container: container, Force: true } }),
    removeNetwork: (id, signal) => requests.delete(`/networks/${id}`, { signal, timeoutMs }),
  } satisfies Partial<EngineApi>;
}

function volumeCalls(requests: Requests) {
  return {
    listVolumes: async (filters, signal) => {
      type VolumeList = { readonly Volumes: readonly VolumeInspectInfo[] | null };
      return (await requests.get<VolumeList>(`/volumes?${queryOf(filters)}`, signal))?.Volumes ?? [];
    },
    removeVolume: (name, signal) =>
      requests.delete(`/volumes/${encodeURIComponent(name)}`, { signal, timeoutMs: networkTimeoutMs }),
  } satisfies Partial<EngineApi>;
}

function dockerodeCalls(connect: () => Promise<EngineConnection>) {
  const load = retryable(async () => {
    const { loadDockerode } = await import('./dockerode.js');
    return loadDockerode(await connect());
  });
  return {
    preloadExec: () => void load().catch(() => {}), // the first call reports the error
    pullImage: async (request, signal) => {
      const connection = await connect();
      const progress = await translated(connection, signal, (await load()).pull(request, signal));
      return translatedOutput(progress, connection, signal);
    },
    exec: async (id, request, signal) => {
      const connection = await connect();
      const { output, exitCode } = await translated(connection, signal, (await load()).exec(id, request, signal));
      return {
        output: translatedOutput(output, connection, signal),
        exitCode: () => translated(connection, signal, exitCode()),
      };
    },
  } satisfies Partial<EngineApi>;
}

function queryOf(filters: Filters): string {
  return `filters=${encodeURIComponent(JSON.stringify(filters))}`;
}
