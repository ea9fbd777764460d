/** Real servers for the protocol tests: `docker run` with a published loopback port, removed by id. */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { JsonMap, Scalar } from '../../src/model/json.js';
import type { ProbeResult, Protocol, ServiceAccess } from '../../src/model/protocol.js';
import { dockerAsync, substituted } from './docker-command.js';

const run = promisify(execFile);

export interface ServerOptions {
  /** Official name with a tag. */
  readonly image: string;
  readonly port: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  /** Further flags of `docker run`. */
  readonly flags?: readonly string[];
  /** `with.*` of the service. */
  readonly parameters?: Readonly<Record<string, Scalar>>;
  readonly url?: string;
}

export interface Server extends AsyncDisposable {
  readonly id: string;
  readonly startedAt: number;
  readonly address: { readonly host: string; readonly port: number };
  reach(changes?: Partial<ServiceAccess>): ServiceAccess;
  docker(...argv: readonly string[]): Promise<string>;
  log(): Promise<string>;
}

export async function startServer(options: ServerOptions): Promise<Server> {
  const environment = Object.entries(options.environment ?? {}).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  const argv = [
    'run',
    '-d',
    '-p',
    `127.0.0.1::${options.port}`,
    ...environment,
    ...(options.flags ?? []),
    substituted(options.image),
    ...(options.command ?? []),
  ];
  const id = (await dockerAsync(...argv)).trim();
  const startedAt = Date.now();
  const remove = async (): Promise<void> => void (await dockerAsync('rm', '-f', '-v', id));
  try {
    const address = addressIn(await dockerAsync('port', id, `${options.port}/tcp`));
    const reach = (changes: Partial<ServiceAccess> = {}): ServiceAccess => ({
      ...reachOf(id, address, options),
      ...changes,
    });
    const log = async (): Promise<string> => (await run('sh', ['-c', `docker logs ${id} 2>&1`])).stdout;
    return { id, startedAt, address, reach, log, docker: dockerAsync, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Polls the probe of the protocol and returns all answers until it is ready. Throws after `seconds`. */
export async function untilReady(
  protocol: Protocol,
  reach: ServiceAccess,
  { seconds = 60, options = {} as JsonMap } = {},
): Promise<readonly ProbeResult[]> {
  const deadline = Date.now() + seconds * 1000;
  const answers: ProbeResult[] = [];
  while (Date.now() < deadline) {
    const answer = await protocol.probe(reach, options);
    answers.push(answer);
    if (answer.kind === 'ready') return answers;
    if (answer.kind === 'never') break;
    await sleep(25);
  }
  throw new Error(`${protocol.name} did not become ready: ${JSON.stringify(answers.at(-1))}`);
}

function reachOf(id: string, address: Server['address'], options: ServerOptions): ServiceAccess {
  return {
    service: 'it',
    replica: 1,
    address,
    view: options.url === undefined ? null : { url: options.url, ...address, ports: {}, env: {} },
    parameters: options.parameters ?? {},
    exec: async (argv) => ({ exitCode: 0, stdout: await dockerAsync('exec', id, ...argv), stderr: '' }),
    logs: async function* () {
      yield* (await run('sh', ['-c', `docker logs ${id} 2>&1`])).stdout.split('\n');
    },
    state: async () => null,
    signal: new AbortController().signal,
  };
}

function addressIn(text: string): Server['address'] {
  const match = /^(127\.0\.0\.1):(\d+)$/m.exec(text);
  if (match === null) throw new Error(`no published port in ${text}`);
  return { host: '127.0.0.1', port: Number(match[2]) };
}
