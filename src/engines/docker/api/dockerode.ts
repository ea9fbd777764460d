import { Agent } from 'node:https';
import { addAbortSignal, type Duplex, type Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { ExecOptions } from '../../../model/host.js';
import { ApiError, messageIn } from './api-error.js';
import type { EngineConnection } from './engine-connection.js';

export interface PullRequest {
  readonly reference: string;
  /** `os/arch`; null: the engine's own. */
  readonly platform: string | null;
  /** X-Registry-Auth; null: anonymous. */
  readonly credentials: string | null;
}

export type ExecRequest = Pick<ExecOptions, 'user' | 'cwd' | 'env' | 'stdin'> & { readonly argv: readonly string[] };

export interface ExecProcess {
  /** Multiplexed stdout and stderr, see `readFrames`. */
  readonly output: AsyncIterable<Uint8Array>;
  /** Once the output has ended; null: the command did not start. */
  exitCode(): Promise<number | null>;
}

/** The calls that dockerode makes for us: hijacked connections, and pulls with registry credentials. */
export interface DockerodeCalls {
  pull(request: PullRequest, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  exec(container: string, request: ExecRequest, signal: AbortSignal): Promise<ExecProcess>;
}

/** Imports dockerode, which takes longer than a whole `envctl status`: only for the calls above. */
export async function loadDockerode(connection: EngineConnection): Promise<DockerodeCalls> {
  const { default: Dockerode } = await import('dockerode');
  const docker = new Dockerode(dockerOptions(connection));
  return {
    pull: (request, signal) => withApiErrors(pull(docker, request, signal)),
    exec: (container, request, signal) => withApiErrors(exec(docker, container, { ...request, signal })),
  };
}

/** dockerode reads this process's DOCKER_HOST by itself, unless `host` is given, even as undefined. */
function dockerOptions({ transport, prefix }: EngineConnection): Docker.DockerOptions & { readonly agent?: Agent } {
  const version = prefix.slice(1);
  if (transport.kind === 'socket')
    return { socketPath: transport.socketPath, host: undefined, protocol: 'http', version };
  const { host, port, tls } = transport;
  if (tls === null) return { host, port, protocol: 'http', version };
  const { ca, cert, key, verify } = tls;
  const agent = new Agent({ ca, cert, key, rejectUnauthorized: verify });
  return { host, port, protocol: 'https', version, agent };
}

async function pull(
  docker: Docker,
  { reference, platform, credentials }: PullRequest,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const response = await docker.pull(reference, {
    abortSignal: signal,
    ...(credentials === null ? {} : { authconfig: { key: credentials } }),
    ...(platform === null ? {} : { platform }),
  });
  return abortable(response as Readable, signal);
}

async function exec(
  docker: Docker,
  container: string,
  { argv, user, cwd, env, stdin, signal }: ExecRequest & { readonly signal: AbortSignal },
): Promise<ExecProcess> {
  const hasInput = stdin !== undefined;
  const created = await docker.getContainer(container).exec({
    Cmd: [...argv],
    AttachStdout: true,
    AttachStderr: true,
    AttachStdin: hasInput,
    ...(user === undefined ? {} : { User: user }),
    ...(cwd === undefined ? {} : { WorkingDir: cwd }),
    ...(env === undefined ? {} : { Env: Object.entries(env).map(([name, value]) => `${name}=${value}`) }),
    abortSignal: signal,
  });
  const stream: Duplex = await created.start({ hijack: hasInput, stdin: hasInput, Tty: false, abortSignal: signal });
  const output = abortable(stream, signal);
  if (hasInput) stream.end(stdin);
  return {
    output,
    exitCode: () =>
      withApiErrors(created.inspect({ abortSignal: signal }).then(({ ExitCode }: Docker.ExecInspectInfo) => ExitCode)),
  };
}

/** dockerode's abort signal covers the request only; this ends a response that has started as well. */
function abortable<T extends Readable>(stream: T, signal: AbortSignal): T {
  return addAbortSignal(AbortSignal.any([signal]), stream);
}

async function withApiErrors<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') throw error;
    const body = 'json' in error ? JSON.stringify(error.json ?? '') : '';
    const message = body.includes('"message"')
      ? messageIn(body)
      : error.message.replace(/^\(HTTP code \d+\)[^-]*- /, '');
    throw new ApiError(error.statusCode, message.trim());
  });
}
