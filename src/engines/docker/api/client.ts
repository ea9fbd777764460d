import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type Docker from 'dockerode';
import type { ContainerInfo } from 'dockerode';
import { deadline } from '../../../model/deadline.js';
import { findOutside, type Outside } from '../network/host-access.js';
import { type Endpoint, findEndpoint, type ProcessEnvironment } from './endpoint.js';
import { messageOf } from './ping.js';
import { semaphore } from './semaphore.js';
import { type Answer, ask, askStream, openTransport, type Transport } from './transport.js';

export interface ComposeEngineOptions {
  /** The process environment: DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG, ENVCTL_HOST, PATH, HOME … */
  readonly env: ProcessEnvironment;
  /** Reads the rules of image substitution, asked when images are looked for; identity where there are none. */
  readonly substitution: () => Promise<(image: string) => string>;
}

export interface Connected {
  readonly endpoint: Endpoint;
  readonly transport: Transport;
  /** `/v1.43` where DOCKER_API_VERSION fixes one, else empty: the engine's newest. */
  readonly prefix: string;
}

/** One engine object's way to its engine: opened when first needed, kept for its life. */
export interface Client {
  readonly options: ComposeEngineOptions;
  connect(): Promise<Connected>;
  docker(): Promise<Docker>;
  /** Where services are reached from here. */
  outside(): Promise<Outside>;
  /** Imports dockerode, which takes 120 ms, ahead of its first use: called where a child process is waited for anyway. */
  warm(): void;
  /** A read that is repeated when the engine stumbles; null: no such object. */
  get<T>(path: string, signal: AbortSignal): Promise<T | null>;
  /** Deletes one object. Throws the engine's refusal with its `statusCode`. */
  delete(path: string, options: { readonly signal: AbortSignal; readonly timeoutMs: number }): Promise<void>;
  /** A read whose answer goes on until the signal; null: no such object. */
  stream(path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | null>;
  /** Containers by instance as last listed, so that starts and probes need no list of their own. */
  readonly listed: Map<string, readonly ContainerInfo[]>;
  /** A turn to start a container. All at once they get in each other's way, and the one that most wait for is not the first to be there. */
  readonly startTurn: <T>(work: () => Promise<T>) => Promise<T>;
  /** Says `key` for the first time in this object's life. */
  first(key: string): boolean;
}

export function openClient(options: ComposeEngineOptions): Client {
  const said = new Set<string>();
  const connect = once(() => open(options));
  const docker = once(() => connect().then(loadDocker));
  const get = async <T>(path: string, signal: AbortSignal): Promise<T | null> =>
    parse<T>(await patiently(await connect(), path, signal));
  return {
    options,
    connect,
    outside: once(async () =>
      findOutside({ ...(await connect()), env: options.env, ownContainer: () => ownContainer(get) }),
    ),
    docker,
    warm: () => void docker().catch(() => {}), // whoever needs it meets the same failure
    get,
    delete: async (path, asking) => {
      const { transport, prefix } = await connect();
      const answer = await ask(transport, prefix + path, { ...asking, method: 'DELETE' });
      if (answer.status >= 300) throw refusal(answer);
    },
    stream: async (path, signal) => follow(await connect(), path, signal),
    listed: new Map(),
    startTurn: semaphore(Math.max(2, availableParallelism())),
    first: (key) => !said.has(key) && said.add(key).has(key),
  };
}

const readTimeoutMs = 20_000;
const attempts = 3;

/** Made when first asked for; a failure is not kept. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

/** The container this process runs in, if this engine has it: docker mounts a container's own `hostname` file from a folder named after its id. */
async function ownContainer(get: Client['get']): Promise<string | null> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  const id = /\/containers\/([0-9a-f]{64})\/hostname /.exec(mounts)?.[1];
  return id === undefined
    ? null
    : ((await get<{ readonly Id: string }>(`/containers/${id}/json`, deadline(5000)))?.Id ?? null);
}

async function open(options: ComposeEngineOptions): Promise<Connected> {
  const endpoint = await findEndpoint(options.env);
  const transport = await openTransport(endpoint, options.env);
  const version = options.env.DOCKER_API_VERSION;
  return { endpoint, transport, prefix: version ? `/v${version}` : '' };
}

async function loadDocker({ transport, prefix }: Connected): Promise<Docker> {
  const { default: Dockerode } = await import('dockerode');
  const version = prefix.slice(1);
  // docker-modem reads DOCKER_HOST of this process by itself, and an explicit `host: undefined` is what stops it.
  if (transport.kind === 'socket')
    return new Dockerode({ socketPath: transport.socketPath, host: undefined, protocol: 'http', version });
  const { host, port, tls } = transport;
  const certificates = tls === null ? {} : { ca: tls.ca, cert: tls.cert, key: tls.key };
  return new Dockerode({ host, port, protocol: tls === null ? 'http' : 'https', version, ...certificates });
}

async function patiently(connected: Connected, path: string, signal: AbortSignal): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    const answer = await ask(connected.transport, connected.prefix + path, { signal, timeoutMs: readTimeoutMs }).catch(
      (error: unknown) => {
        const reset = error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
        if (signal.aborted || !reset || attempt === attempts) throw error;
        return null;
      },
    );
    if (answer !== null && (answer.status < 500 || attempt === attempts)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100 * attempt));
  }
}

async function follow(
  { transport, prefix }: Connected,
  path: string,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array> | null> {
  const response = await askStream(transport, prefix + path, signal);
  if (response.statusCode === 200) return response;
  const chunks: Uint8Array[] = [];
  for await (const chunk of response) chunks.push(chunk as Uint8Array);
  return parse({
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  });
}

function parse<T>(answer: Answer): T | null {
  if (answer.status === 404) return null;
  if (answer.status === 200) return JSON.parse(answer.body) as T;
  throw refusal(answer);
}

const refusal = ({ status, body }: Answer): Error => Object.assign(new Error(messageOf(body)), { statusCode: status });
