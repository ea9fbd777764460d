import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deadline } from '../../../model/deadline.js';
import { formatDuration } from '../../../model/durations.js';
import type { Endpoint, ProcessEnvironment, Tls } from './endpoint.js';

/** How to open a connection to the engine: a socket of this machine, or a host and port. */
export type Transport =
  | { readonly kind: 'socket'; readonly socketPath: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: Tls | null };

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The endpoint itself; an engine behind ssh gets a private socket on this machine whose connections the docker command carries. */
export async function openTransport(endpoint: Endpoint, env: ProcessEnvironment): Promise<Transport> {
  return endpoint.kind === 'ssh' ? { kind: 'socket', socketPath: await openTunnel(endpoint.url, env) } : endpoint;
}

/**
 * One request without a body to the Engine API, without dockerode, whose import costs more than the first ten answers; a GET where nothing else is
 * said. Resolves with whatever status comes; rejects with the socket's error, an abort, or `timed out` after `timeoutMs`.
 */
export function ask(
  transport: Transport,
  path: string,
  options: { readonly method?: 'GET' | 'DELETE'; readonly signal?: AbortSignal; readonly timeoutMs: number },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const signal = deadline(options.timeoutMs, options.signal);
    const { send, target } = dial(transport);
    const { method = 'GET' } = options;
    const asked = send({ ...target, method, path, signal, headers: { host: 'docker' } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    const fail = (error: Error): void => {
      if (options.signal?.aborted === true) reject(options.signal.reason);
      else
        reject(
          signal.aborted
            ? Object.assign(new Error(`no answer within ${formatDuration(options.timeoutMs)}`), { code: 'ETIMEDOUT' })
            : error,
        );
    };
    asked.on('error', fail);
    asked.end();
  });
}

/** A GET whose answer goes on: logs, events. Ends with the signal; rejects as `ask` does while no answer has begun. */
export function askStream(transport: Transport, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { send, target } = dial(transport);
    // A signal of its own: many followers of one signal would look like a leak to Node.
    const asked = send(
      { ...target, path, signal: AbortSignal.any([signal]), headers: { host: 'docker' }, agent: false },
      resolve,
    );
    asked.on('error', (error) => reject(signal.aborted ? signal.reason : error));
    asked.end();
  });
}

function dial(transport: Transport): { readonly send: typeof requestHttp; readonly target: object } {
  if (transport.kind === 'socket') return { send: requestHttp, target: { socketPath: transport.socketPath } };
  const { host, port, tls } = transport;
  if (tls === null) return { send: requestHttp, target: { host, port } };
  const { ca, cert, key, verify } = tls;
  return { send: requestHttps, target: { host, port, ca, cert, key, rejectUnauthorized: verify } };
}

/** ssh stays with the docker command: it knows host keys, agents and `~/.ssh/config`. */
async function openTunnel(url: string, env: ProcessEnvironment): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'envctl-ssh-'));
  const socketPath = join(folder, 'engine.sock');
  // Half-open: a command's input ends before its output does.
  const server = createServer({ allowHalfOpen: true }, (socket) => carry(socket, url, env));
  server.unref();
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socketPath, resolve));
  return socketPath;
}

function carry(socket: Socket, url: string, env: ProcessEnvironment): void {
  const child = spawn('docker', ['--host', url, 'system', 'dial-stdio'], {
    env: { ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.on('error', () => socket.destroy());
  child.stdin.on('error', () => socket.destroy());
  socket.on('error', () => child.kill());
  socket.on('close', () => child.kill());
  socket.pipe(child.stdin);
  child.stdout.pipe(socket);
  // Requests in flight keep this process alive by themselves; idle connections must not.
  socket.unref();
  child.unref();
  for (const pipe of [child.stdin, child.stdout]) if ('unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
}
