import type { Addresses } from '../../model/connection.js';
import type { EngineContext, PrepareOptions } from '../../model/engine.js';
import type { Environment } from '../../model/environment.js';
import type { Service } from '../../model/service.js';
import type { Preparation } from '../../model/workload.js';
import type { EmbeddedContext } from './context.js';
import { serverRequest } from './replica-spec.js';
import { findServer, serverNamed } from './servers/registry.js';
import { replicaFolder } from './state/paths.js';
import { claimedPorts, loopback, portKey, requireFree, reservePorts } from './state/ports.js';
import { runStatusOf } from './state/records.js';

/** Makes what stores are copied from and claims all ports. With `local` it only looks: a port not claimed yet is 0. */
export async function prepare(
  context: EmbeddedContext,
  environment: Environment,
  options: PrepareOptions & EngineContext,
): Promise<Preparation> {
  if (options.images === 'make') {
    for (const service of environment.services) await requireFixedPorts(context, environment, service);
    await prepareServers(context, environment, options);
  }
  const ports =
    options.images === 'make'
      ? await reservePorts(context, environment, extraPorts)
      : claimedPorts(context, environment.id);
  const addresses = Object.fromEntries(
    environment.services.map((service) => [service.name, addressesOf(service, ports)]),
  );
  return { images: {}, inside: addresses, outside: addresses };
}

async function prepareServers(
  context: EmbeddedContext,
  environment: Environment,
  { emit }: EngineContext,
): Promise<void> {
  const notices = await Promise.all(
    environment.services.map((service) => prepareServer(context, environment, service)),
  );
  for (const text of notices) if (text !== null) emit({ type: 'notice', text });
}

/** A notice if another product or version runs than the service asks for. */
async function prepareServer(
  context: EmbeddedContext,
  environment: Environment,
  { name, template, parameters, process }: Service,
): Promise<string | null> {
  if (process?.kind !== 'server') return null;
  const request = serverRequest(context, environment, { service: name, parameters });
  const { server, tool } = await findServer(context, request, process.run);
  await server.prepare?.(context, tool, request);
  const actual = server.differs?.(tool, request) ?? null;
  return actual === null ? null : `"${name}" asks for ${template ?? name} ${parameters.version} but runs ${actual}`;
}

function extraPorts({ name, process }: Service): readonly string[] {
  return process?.kind === 'server' ? (serverNamed(name, process.run).extraPorts ?? []) : [];
}

/** Throws PORT_TAKEN if a port that the profile fixes is in use, unless the service itself runs already. */
async function requireFixedPorts(
  context: EmbeddedContext,
  { id }: Environment,
  { name, ports }: Service,
): Promise<void> {
  if (runStatusOf(replicaFolder(context, { instance: id, service: name, replica: 1 })).state === 'running') return;
  const fixed = Object.entries(ports).flatMap(([port, { fixed: number }]) =>
    number === null ? [] : [[port, number] as const],
  );
  await requireFree(name, Object.fromEntries(fixed));
}

function addressesOf({ name: service, ports }: Service, claimed: ReadonlyMap<string, number>): Addresses {
  return Object.fromEntries(
    Object.entries(ports).map(([name, { fixed }]) => [
      name,
      { host: loopback, port: fixed ?? claimed.get(portKey({ service, replica: 1, name })) ?? 0 },
    ]),
  );
}
