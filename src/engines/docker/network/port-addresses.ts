import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import type { ContainerInfo } from 'dockerode';
import type { Address, Addresses } from '../../../model/connection.js';
import type { PrepareOptions } from '../../../model/engine.js';
import type { Environment } from '../../../model/environment.js';
import { EnvctlError } from '../../../model/errors.js';
import type { Observed } from '../../../model/observed.js';
import type { Service } from '../../../model/service.js';
import type { Client } from '../api/client.js';
import type { Outside } from './host-access.js';
import { hostAlias, networkMode } from './network-mode.js';
import { listeningProcess } from './port-owner.js';

/** Inside addresses by port name: the service's name and the container's port, or whose network it lives in. */
export function insideAddresses(service: Service): Addresses {
  const mode = networkMode(service.compose);
  if (mode.kind === 'apart') return {};
  const host = mode.kind === 'host' ? hostAlias : mode.kind === 'service' ? mode.service : service.name;
  return Object.fromEntries(Object.entries(service.ports).map(([name, { inside }]) => [name, { host, port: inside }]));
}

/**
 * Outside addresses that are known before anything starts: fixed by the profile, or reserved because some configuration names them. Reserved
 * ports are those the instance already has, else free ones. Throws PORT_TAKEN where a fixed one is in use by anybody but the service itself.
 */
export async function outsideAddresses(
  environment: Environment,
  options: PrepareOptions,
  at: { readonly client: Client; readonly outside: Outside; readonly signal: AbortSignal },
): Promise<Readonly<Record<string, Addresses>>> {
  const taken = new Set<number>();
  const result: Record<string, Record<string, Address>> = {};
  const put = (service: string, port: string, number: number): void => {
    taken.add(number);
    result[service] = {
      ...result[service],
      [port]: { host: at.outside.kind === 'published' ? at.outside.host : service, port: number },
    };
  };
  for (const { service, name, port } of fixedPorts(environment)) {
    if (options.images === 'make' && !holds(options.observed, service.name, port)) await refuseTaken(service, port, at);
    put(service.name, name, port);
  }
  for (const { service, port } of options.reserve) {
    if (result[service]?.[port] !== undefined || environment.services.every(({ name }) => name !== service)) continue;
    if (at.outside.kind === 'joined') {
      put(service, port, environment.services.find(({ name }) => name === service)?.ports[port]?.inside ?? 0);
      continue;
    }
    const kept = options.observed.find((replica) => replica.service === service)?.record?.reserved[port];
    const usable =
      kept !== undefined &&
      !taken.has(kept) &&
      (holds(options.observed, service, kept) || (await isFree(kept, at.outside)));
    put(service, port, usable ? kept : await reserve(`${environment.id}/${service}/${port}`, taken, at.outside));
  }
  return result;
}

function fixedPorts(
  environment: Environment,
): readonly { readonly service: Service; readonly name: string; readonly port: number }[] {
  return environment.services.flatMap((service) =>
    Object.entries(service.ports).flatMap(([name, { fixed }]) =>
      fixed === null ? [] : [{ service, name, port: fixed }],
    ),
  );
}

/** Whether the service's own container is what binds the port now. */
function holds(observed: readonly Observed[], service: string, port: number): boolean {
  return observed.some(
    (replica) => replica.service === service && Object.values(replica.outside).some((address) => address.port === port),
  );
}

const lowest = 20_000;
const highest = 32_000;

/** Below the kernel's range for outgoing connections, from a place of the port's own, so that neighbours rarely meet. */
async function reserve(identity: string, taken: ReadonlySet<number>, outside: Outside): Promise<number> {
  const start = createHash('sha256').update(identity).digest().readUInt32BE(0);
  for (let step = 0; step < highest - lowest; step++) {
    const port = lowest + ((start + step * 7) % (highest - lowest));
    if (!taken.has(port) && (await isFree(port, outside))) return port;
  }
  throw new EnvctlError('PORT_TAKEN', `No port between ${lowest} and ${highest} is free`, {
    hint: '`envctl ls` shows instances that can go.',
  });
}

async function isFree(port: number, outside: Outside): Promise<boolean> {
  if (outside.kind === 'joined' || !outside.here) return true;
  return new Promise((resolve) => {
    const server = createServer();
    // Only a listener counts: the engine may bind what this user may not (below 1024).
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'));
    server.listen({ port, host: outside.bind, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

async function refuseTaken(
  service: Service,
  port: number,
  at: { readonly client: Client; readonly outside: Outside; readonly signal: AbortSignal },
): Promise<void> {
  if (await isFree(port, at.outside)) return;
  const holder = (await publisher(port, at)) ?? (await listeningProcess(port));
  throw new EnvctlError(
    'PORT_TAKEN',
    `Port ${port}, which "${service.name}" fixes, is taken${holder === null ? '' : ` by ${holder}`}`,
    {
      hint: `Free it, or leave the host side out (\`port: ${portInside(service, port)}\`) and envctl chooses one.`,
      service: service.name,
      position: service.position,
    },
  );
}

function portInside(service: Service, fixed: number): number {
  return Object.values(service.ports).find((port) => port.fixed === fixed)?.inside ?? fixed;
}

async function publisher(
  port: number,
  { client, signal }: { readonly client: Client; readonly signal: AbortSignal },
): Promise<string | null> {
  const containers =
    (await client.get<ContainerInfo[]>(
      `/containers/json?filters=${encodeURIComponent(JSON.stringify({ publish: [String(port)] }))}`,
      signal,
    )) ?? [];
  const name = containers[0]?.Names[0]?.replace(/^\//, '');
  return name === undefined ? null : `container "${name}"`;
}
