import { BlockList, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { ContainerInspectInfo } from 'dockerode';
import type { Address } from '../../../model/connection.js';
import type { HostAccess } from './host-access.js';
import { hostAlias } from './network-mode.js';

export interface ContainerAddressContext {
  readonly access: HostAccess;
  /** Containers among which `network_mode: service:x` is looked up. */
  readonly containers: readonly ContainerInspectInfo[];
}

/**
 * Where a port of a running container is reached from this process: its published port; a port of the host for host
 * networking; else the container's own address, if this machine is on that bridge (a local engine on Linux).
 * Null: nowhere.
 */
export function containerAddress(
  container: ContainerInspectInfo,
  inside: number,
  { access, containers }: ContainerAddressContext,
): Address | null {
  const mode = container.HostConfig.NetworkMode ?? '';
  if (mode === 'host') return { host: access.kind === 'published' ? access.host : hostAlias, port: inside };
  const lender = mode.startsWith('container:')
    ? containers.find(({ Id }) => Id === mode.slice('container:'.length))
    : undefined;
  const holder = lender ?? container;
  const published = holder.NetworkSettings.Ports?.[`${inside}/tcp`]?.[0];
  if (published !== undefined && access.kind === 'published')
    return { host: access.host, port: Number(published.HostPort) };
  const address = access.kind === 'joined' || access.local ? bridgeAddress(holder) : null;
  return address === null ? null : { host: address, port: inside };
}

function bridgeAddress(container: ContainerInspectInfo): string | null {
  const addresses = Object.values(container.NetworkSettings.Networks ?? {}).map(({ IPAddress }) => IPAddress);
  return addresses.find((address) => isIPv4(address) && isOnLocalSubnet(address)) ?? null;
}

/** Whether this machine has an interface in the subnet. Not if the engine runs in a VM or another network namespace. */
function isOnLocalSubnet(address: string): boolean {
  const interfaces = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return interfaces.some(({ family, internal, address: local, cidr }) => {
    if (family !== 'IPv4' || internal || cidr === null) return false;
    const subnet = new BlockList();
    subnet.addSubnet(local, Number(cidr.split('/')[1]), 'ipv4');
    return subnet.check(address, 'ipv4');
  });
}
