/** What stands on the engine for one project: by its label, and by what its containers were seen to have. */
import { dockerAsync as docker, dockerEnded, lines } from '../testing/docker-command.js';

export interface Container {
  readonly id: string;
  readonly name: string;
  readonly instance: string;
  readonly service: string;
  readonly image: string;
  readonly running: boolean;
  readonly startedAt: string;
  /** Volumes it has mounted, unnamed ones too. */
  readonly volumes: readonly string[];
  readonly networks: readonly string[];
  /** `127.0.0.1:49153` by `5432/tcp`. */
  readonly published: Readonly<Record<string, readonly string[]>>;
}

/** Names that a project's containers were seen with; unnamed volumes carry no label. */
export interface Seen {
  readonly volumes: Set<string>;
  readonly networks: Set<string>;
  readonly instances: Set<string>;
}

interface Inspected {
  readonly Id: string;
  readonly Name: string;
  readonly Image: string;
  readonly State: { readonly Running: boolean; readonly StartedAt: string };
  readonly Config: { readonly Labels: Readonly<Record<string, string>>; readonly Image: string };
  readonly Mounts: readonly { readonly Type: string; readonly Name?: string }[];
  readonly NetworkSettings: {
    readonly Networks: Readonly<Record<string, { readonly NetworkID: string }>>;
    readonly Ports: Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>>;
  };
}

export async function listContainers(label: string): Promise<readonly Container[]> {
  const ids = lines(await docker('ps', '-aq', '--no-trunc', '--filter', `label=${label}`));
  if (ids.length === 0) return [];
  const told = await dockerEnded(['inspect', '--type', 'container', ...ids]); // one may go meanwhile: the others are still told
  return (JSON.parse(told.stdout || '[]') as readonly Inspected[])
    .map(asContainer)
    .sort((a, b) => a.name.localeCompare(b.name));
}

function asContainer({ Id, Name, State, Config, Mounts, NetworkSettings }: Inspected): Container {
  const ports = Object.entries(NetworkSettings.Ports ?? {}).flatMap(([port, bound]) =>
    bound ? [[port, bound.map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}`)] as const] : [],
  );
  return {
    id: Id,
    name: Name.slice(1),
    instance: Config.Labels['envctl.instance'] ?? '',
    service: Config.Labels['envctl.service'] ?? '',
    image: Config.Image,
    running: State.Running,
    startedAt: State.StartedAt,
    volumes: Mounts.flatMap((mount) => (mount.Type === 'volume' && mount.Name ? [mount.Name] : [])),
    networks: Object.values(NetworkSettings.Networks).flatMap(({ NetworkID }) => (NetworkID === '' ? [] : [NetworkID])),
    published: Object.fromEntries(ports),
  };
}

/** Those of the names that are there. */
async function existing(kind: 'volume' | 'network', names: ReadonlySet<string>): Promise<readonly string[]> {
  if (names.size === 0) return [];
  const all = lines(await docker(kind, 'ls', '-q', ...(kind === 'network' ? ['--no-trunc'] : [])));
  return all.filter((name) => names.has(name));
}

/** What is left, by kind and name: objects with the label, and what its containers had. */
export async function leftovers(label: string, seen: Seen): Promise<readonly string[]> {
  const labelled = `label=${label}`;
  const networks = lines(await docker('network', 'ls', '-q', '--no-trunc', '--filter', labelled));
  const volumes = lines(await docker('volume', 'ls', '-q', '--filter', labelled));
  return [
    ...(await listContainers(label)).map(({ name }) => `container ${name}`),
    ...[...new Set([...networks, ...(await existing('network', seen.networks))])].map((name) => `network ${name}`),
    ...[...new Set([...volumes, ...(await existing('volume', seen.volumes))])].map((name) => `volume ${name}`),
  ];
}

/** Removes all of it, and the images that were built for it. */
export async function sweep(label: string, { volumes, networks, instances }: Seen): Promise<void> {
  const ids = lines(await docker('ps', '-aq', '--filter', `label=${label}`));
  if (ids.length > 0) await docker('rm', '-fv', ...ids);
  const lost = [
    ...lines(await docker('network', 'ls', '-q', '--no-trunc', '--filter', `label=${label}`)),
    ...(await existing('network', networks)),
  ];
  if (lost.length > 0) await docker('network', 'rm', ...new Set(lost));
  const data = [
    ...lines(await docker('volume', 'ls', '-q', '--filter', `label=${label}`)),
    ...(await existing('volume', volumes)),
  ];
  if (data.length > 0) await docker('volume', 'rm', ...new Set(data));
  for (const instance of instances) {
    const images = lines(await docker('images', '--format', '{{.Repository}}:{{.Tag}}', `${instance}-*`));
    if (images.length > 0) await docker('rmi', ...images);
  }
}
