import { suggest } from '../../../model/errors.js';
import type { EmbeddedContext } from '../context.js';
import { mariadb } from './mariadb.js';
import { memcached } from './memcached.js';
import { mock } from './mock.js';
import { mockserver } from './mockserver.js';
import { mosquitto } from './mosquitto.js';
import { nats } from './nats.js';
import { postgres } from './postgres/postgres.js';
import { rabbitmq } from './rabbitmq.js';
import { redis } from './redis.js';
import { cannotRun, type Server, type ServerRequest } from './server.js';
import { wiremock } from './wiremock.js';

/** Every kind of server that runs as a process. Only a server itself knows the type of its tool. */
const servers: readonly Server<unknown>[] = [
  postgres,
  redis,
  mariadb,
  rabbitmq,
  nats,
  mosquitto,
  memcached,
  wiremock,
  mockserver,
  mock,
].map((one) => one as Server<unknown>);

export const hiddenProcesses: readonly RegExp[] = servers.flatMap((server) => server.hiddenProcesses ?? []);
export const quitBeforeKill: readonly RegExp[] = servers.flatMap((server) => server.quitBeforeKill ?? []);

/** Throws ENGINE_CANNOT_RUN for an unknown name. */
export function serverNamed(service: string, name: string): Server<unknown> {
  const server = servers.find(({ names }) => names.includes(name));
  if (server) return server;
  const names = servers.flatMap((one) => one.names);
  throw cannotRun(
    { service },
    `there is no server "${name}"`,
    `${suggest(name, names)} Or use Docker: \`--engine compose\`.`,
  );
}

/** A server and what was found of it on this machine. */
export interface FoundServer {
  readonly server: Server<unknown>;
  readonly tool: unknown;
}

/**
 * Searches once per service: asking a program for its version can take longer than starting it. Throws
 * ENGINE_CANNOT_RUN.
 */
export async function findServer(context: EmbeddedContext, request: ServerRequest, name: string): Promise<FoundServer> {
  const key = JSON.stringify([name, request.service, request.project, request.parameters.version ?? null]);
  const earlier = context.foundServers.get(key) as Promise<FoundServer> | undefined;
  if (earlier) return earlier;
  const found = find(context, request, name);
  context.foundServers.set(key, found);
  return found;
}

async function find(context: EmbeddedContext, request: ServerRequest, name: string): Promise<FoundServer> {
  const server = serverNamed(request.service, name);
  return { server, tool: await server.find(context, request) };
}
