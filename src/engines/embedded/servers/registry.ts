import { suggest } from '../../../model/errors.js';
import type { EmbeddedContext } from '../context.js';
import { mariadb } from './mariadb.js';
import { mock, mockserver, wiremock } from './mocks.js';
import { postgres } from './postgres/postgres.js';
import { rabbitmq } from './rabbitmq.js';
import { redis } from './redis.js';
import { cannotRun, type Server, type ServerRequest } from './server.js';
import { memcached, mosquitto, nats } from './simple-servers.js';

/** Every kind of server that runs as a process. Which tool belongs to which is known only inside each. */
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

/** Throws ENGINE_CANNOT_RUN for a name that no server here has. */
export function serverNamed(service: string, name: string): Server<unknown> {
  const server = servers.find(({ names }) => names.includes(name));
  if (server) return server;
  throw cannotRun(
    { service },
    `no server is called "${name}"`,
    `${suggest(
      name,
      servers.flatMap(({ names }) => names),
    )} Or use Docker: --engine compose.`,
  );
}

/** A kind of server together with what was found of it here. */
export interface Found {
  readonly server: Server<unknown>;
  readonly tool: unknown;
}

/** Looks once for each service: asking a program for its version takes longer than starting one. Throws ENGINE_CANNOT_RUN. */
export async function findServer(world: EmbeddedContext, asker: ServerRequest, name: string): Promise<Found> {
  const key = JSON.stringify([name, asker.service, asker.project, asker.parameters.version ?? null]);
  const known = world.found.get(key) as Promise<Found> | undefined;
  if (known) return known;
  const found = find(world, asker, name);
  world.found.set(key, found);
  return found;
}

async function find(world: EmbeddedContext, asker: ServerRequest, name: string): Promise<Found> {
  const server = serverNamed(asker.service, name);
  return { server, tool: await server.find(world, asker) };
}
