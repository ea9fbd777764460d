/** Objects on the engine that belong to one project: found by its label, or seen on its containers. */
import { dockerAsync as docker, dockerEnded, lines } from '../testing/docker-command.js';

export interface Container {
  readonly id: string;
  readonly name: string;
  readonly instance: string;
  readonly service: string;
  readonly image: string;
  readonly running: boolean;
  readonly startedAt: string;
  /** Mounted volumes, also anonymous ones. */
  readonly volumes: readonly string[];
  readonly networks: readonly string[];
  /** `127.0.0.1:49153` by `5432/tcp`. */
  readonly published: Readonly<Record<string, readonly string[]>>;
}

/** Names seen on a project's containers; anonymous volumes carry no label. */
export interface SeenObjects {
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
  // A container may be removed meanwhile; `docker inspect` then fails but still prints the others.
  const inspected = await dockerEnded(['inspect', '--type', 'container', ...ids]);
  return (JSON.parse(inspected.stdout || '[]') as readonly Inspected[])
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

/** The names that exist on the engine. */
async function existing(kind: 'volume' | 'network', names: ReadonlySet<string>): Promise<readonly string[]> {
  if (names.size === 0) return [];
  const all = lines(await docker(kind, 'ls', '-q', ...(kind === 'network' ? ['--no-trunc'] : [])));
  return all.filter((name) => names.has(name));
}

/** Objects that are left, by kind and name: those with the label, and those its containers used. */
export async function leftovers(label: string, seen: SeenObjects): Promise<readonly string[]> {
  const labelled = `label=${label}`;
  const networks = lines(await docker('network', 'ls', '-q', '--no-trunc', '--filter', labelled));
  const volumes = lines(await docker('volume', 'ls', '-q', '--filter', labelled));
  return [
    ...(await listContainers(label)).map(({ name }) => `container ${name}`),
    ...[...new Set([...networks, ...(await existing('network', seen.networks))])].map((name) => `network ${name}`),
    ...[...new Set([...volumes, ...(await existing('volume', seen.volumes))])].map((name) => `volume ${name}`),
  ];
}

/** Removes all objects of the project, and the images built for it. */
export async function cleanUp(label: string, { volumes, networks, instances }: SeenObjects): Promise<void> {
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
