import { BlockList, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { ContainerInspectInfo } from 'dockerode';
import type { Address } from '../../../model/connection.js';
import type { Outside } from './host-access.js';
import { hostAlias } from './network-mode.js';

export interface Sight {
  readonly outside: Outside;
  /** Containers among which `network_mode: service:x` is looked up. */
  readonly all: readonly ContainerInspectInfo[];
}

/**
 * Where a port of a container is reached from this host: published, else on the host's own network, else at the container's address where
 * this machine has a foot in that bridge (a local engine on Linux); null: no way.
 */
export function addressOf(container: ContainerInspectInfo, inside: number, sight: Sight): Address | null {
  const { outside } = sight;
  const mode = container.HostConfig.NetworkMode ?? '';
  if (mode === 'host') return { host: outside.kind === 'published' ? outside.host : hostAlias, port: inside };
  const lender = mode.startsWith('container:')
    ? sight.all.find(({ Id }) => Id === mode.slice('container:'.length))
    : undefined;
  const holder = lender ?? container;
  const published = holder.NetworkSettings.Ports?.[`${inside}/tcp`]?.[0];
  if (published !== undefined && outside.kind === 'published')
    return { host: outside.host, port: Number(published.HostPort) };
  const near = outside.kind === 'joined' || outside.here ? ipOnBridge(holder) : null;
  return near === null ? null : { host: near, port: inside };
}

function ipOnBridge(container: ContainerInspectInfo): string | null {
  const addresses = Object.values(container.NetworkSettings.Networks ?? {}).map(({ IPAddress }) => IPAddress);
  return addresses.find((address) => isIPv4(address) && onOwnNetwork(address)) ?? null;
}

/** Whether one of this machine's own interfaces stands in the same subnet: not so with an engine in a VM or in another network namespace. */
function onOwnNetwork(address: string): boolean {
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return own.some(({ family, internal, address: mine, cidr }) => {
    if (family !== 'IPv4' || internal || cidr === null) return false;
    const subnet = new BlockList();
    subnet.addSubnet(mine, Number(cidr.split('/')[1]), 'ipv4');
    return subnet.check(address, 'ipv4');
  });
}
