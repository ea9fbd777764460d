import type { Address, Addresses } from '../../../model/connection.js';
import type { PrepareOptions } from '../../../model/engine.js';
import type { Environment } from '../../../model/environment.js';
import type { Observed } from '../../../model/observed.js';
import type { Service } from '../../../model/service.js';
import type { DockerClient } from '../client.js';
import type { HostAccess } from './host-access.js';
import { hostAlias, networkMode } from './network-mode.js';
import { isFree, refuseTakenPort, reservePort } from './port-reservation.js';

/** Inside addresses by port name: the service's name and the container's port, or those of the network it shares. */
export function insideAddresses(service: Service): Addresses {
  const mode = networkMode(service.compose);
  if (mode.kind === 'isolated') return {};
  const host = mode.kind === 'host' ? hostAlias : mode.kind === 'service' ? mode.service : service.name;
  return Object.fromEntries(Object.entries(service.ports).map(([name, { inside }]) => [name, { host, port: inside }]));
}

export interface PortContext {
  readonly client: DockerClient;
  readonly access: HostAccess;
  readonly signal: AbortSignal;
}

/** A port of a service and its number outside. */
interface PortAssignment {
  readonly service: Service;
  readonly name: string;
  readonly number: number;
}

/**
 * Outside addresses known before anything starts: of ports that the profile fixes, and of ports reserved because a
 * configuration refers to them. Throws PORT_TAKEN if a fixed port is in use by anything but its own service.
 */
export async function outsideAddresses(
  environment: Environment,
  options: PrepareOptions,
  context: PortContext,
): Promise<Readonly<Record<string, Addresses>>> {
  const fixed = fixedPorts(environment);
  if (options.images === 'make') await refuseTakenPorts(fixed, options.observed, context);
  const wanted = portsToReserve(environment, options, fixed);
  const others =
    context.access.kind === 'joined'
      ? wanted.map((port) => ({ ...port, number: port.service.ports[port.name]?.inside ?? 0 }))
      : await reservedPorts(wanted, { environment, observed: options.observed, fixed, access: context.access });
  return addressesByService([...fixed, ...others], context.access);
}

function fixedPorts({ services }: Environment): readonly PortAssignment[] {
  return services.flatMap((service) =>
    Object.entries(service.ports).flatMap(([name, { fixed }]) =>
      fixed === null ? [] : [{ service, name, number: fixed }],
    ),
  );
}

async function refuseTakenPorts(
  ports: readonly PortAssignment[],
  observed: readonly Observed[],
  context: PortContext,
): Promise<void> {
  for (const { service, number } of ports)
    if (!isHeldBy(service.name, number, observed)) await refuseTakenPort(service, number, context);
}

type UnassignedPort = Omit<PortAssignment, 'number'>;

function portsToReserve(
  { services }: Environment,
  { reserve }: PrepareOptions,
  fixed: readonly PortAssignment[],
): readonly UnassignedPort[] {
  return reserve.flatMap(({ service: serviceName, port: name }) => {
    const service = services.find((each) => each.name === serviceName);
    const isFixed = fixed.some((each) => each.service === service && each.name === name);
    return service === undefined || isFixed ? [] : [{ service, name }];
  });
}

/** The ports that the instance had before, if they are still its own or free; else new ones. */
async function reservedPorts(
  ports: readonly UnassignedPort[],
  {
    environment,
    observed,
    fixed,
    access,
  }: {
    readonly environment: Environment;
    readonly observed: readonly Observed[];
    readonly fixed: readonly PortAssignment[];
    readonly access: HostAccess;
  },
): Promise<readonly PortAssignment[]> {
  const taken = new Set(fixed.map(({ number }) => number));
  const assigned: PortAssignment[] = [];
  for (const { service, name } of ports) {
    const former = observed.find((replica) => replica.service === service.name)?.record?.reserved[name];
    const isUsable =
      former !== undefined &&
      !taken.has(former) &&
      (isHeldBy(service.name, former, observed) || (await isFree(former, access)));
    const number = isUsable ? former : await reservePort(`${environment.id}/${service.name}/${name}`, taken, access);
    taken.add(number);
    assigned.push({ service, name, number });
  }
  return assigned;
}

/** Whether the service's own container binds the port now. */
function isHeldBy(service: string, port: number, observed: readonly Observed[]): boolean {
  return observed.some(
    (replica) => replica.service === service && Object.values(replica.outside).some((address) => address.port === port),
  );
}

function addressesByService(ports: readonly PortAssignment[], access: HostAccess): Readonly<Record<string, Addresses>> {
  const addresses: Record<string, Record<string, Address>> = {};
  for (const { service, name, number } of ports) {
    const host = access.kind === 'published' ? access.host : service.name;
    addresses[service.name] = { ...addresses[service.name], [name]: { host, port: number } };
  }
  return addresses;
}
