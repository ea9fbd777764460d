/**
 * The words of the scenario tests. A scenario is an obligation in its name, sentences about state in its body, and a leak check at its end:
 * nothing that carries its projects' labels may be left on the engine, nor any volume that one of their containers had. Other people may use
 * the engine at the same time, so only our own objects are counted.
 */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, inject, test, vi } from 'vitest';
import { parse } from 'yaml';
import { begin, type Ended, type Going, plainEnvironment, program, root } from '../cli/command.js';

export { type Ended, type Going, root };

/** Why the Docker tests cannot run here; null: they can. Tests are then skipped by name. */
const noDocker = inject('noDocker');

export const describeDocker = describe.skipIf(noDocker !== null);

export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly timeoutMs?: number;
  readonly input?: string;
}

/** A folder with profiles of its own, and everything on the engine that is made from it. */
export interface Project {
  readonly folder: string;
  envctl(argv: string | readonly string[], options?: RunOptions): Promise<Ended>;
  /** The same, to be watched and interrupted. */
  start(argv: string | readonly string[], options?: RunOptions): Going;
  write(path: string, text: string): void;
  path(path: string): string;
  /** Containers of the project now, by service and number. */
  containers(): Promise<readonly Container[]>;
  /** The only container of a service. */
  container(service: string): Promise<Container>;
  networks(): Promise<readonly string[]>;
  volumes(): Promise<readonly string[]>;
}

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

export interface Stage {
  /** Files by path; a `copy:` in place of a text copies from the repository. */
  project(files: Readonly<Record<string, string>>): Project;
  /** Throws naming what is left; removes it in any case. */
  close(): Promise<void>;
}

/** Scenarios of a file run side by side: most of their time is waiting. */
vi.setConfig({ maxConcurrency: 3 });

/** One obligation, on a stage of its own. */
export function scenario(name: string, body: (stage: Stage) => Promise<void>, timeoutMs = 120_000): void {
  test(name, { skip: noDocker !== null, concurrent: true, timeout: timeoutMs }, async () => {
    const stage = openStage();
    try {
      await body(stage);
    } catch (error) {
      await stage.close().catch(() => undefined);
      throw error;
    }
    await stage.close();
  });
}

/** A stage that the tests of a file share; the leak check comes after the last. */
export function sharedStage(): Stage {
  const stage = openStage();
  afterAll(() => stage.close());
  return stage;
}

function openStage(): Stage {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'envctl-scenario-')));
  const projects: ProjectOnEngine[] = [];
  return {
    project: (files) => {
      const project = makeProject(join(home, `p${projects.length + 1}`), files, join(home, 'user'));
      projects.push(project);
      return project;
    },
    close: async () => {
      const left = await Promise.all(projects.map((project) => project.leftovers()));
      await Promise.all(projects.map((project) => project.sweep()));
      rmSync(home, { recursive: true, force: true });
      expect(left.flat(), 'left behind on the engine').toEqual([]);
    },
  };
}

interface ProjectOnEngine extends Project {
  leftovers(): Promise<readonly string[]>;
  sweep(): Promise<void>;
}

function makeProject(folder: string, files: Readonly<Record<string, string>>, user: string): ProjectOnEngine {
  const label = `envctl.project=${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`;
  const seen = { volumes: new Set<string>(), networks: new Set<string>(), instances: new Set<string>() };
  mkdirSync(join(folder, '.envctl'), { recursive: true });
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    if (text.startsWith('copy:')) cpSync(join(root, text.slice('copy:'.length)), join(folder, path), { recursive: true });
    else writeFileSync(join(folder, path), text);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  const containers = async (): Promise<readonly Container[]> => {
    const found = await listContainers(label);
    for (const container of found) {
      seen.instances.add(container.instance);
      for (const volume of container.volumes) seen.volumes.add(volume);
      for (const network of container.networks) seen.networks.add(network);
    }
    return found;
  };
  const start = (argv: string | readonly string[], options: RunOptions = {}): Going => {
    const words = typeof argv === 'string' ? argv.split(' ') : argv;
    const env = plainEnvironment({ XDG_STATE_HOME: join(user, 'state'), XDG_CONFIG_HOME: join(user, 'config'), ...options.env });
    return begin([process.execPath, program, ...words], { ...options, cwd: options.cwd ?? folder, env });
  };
  return {
    folder,
    write,
    start,
    path: (path) => join(folder, path),
    containers,
    envctl: async (argv, options) => {
      const ended = await start(argv, options).ended;
      await containers();
      return ended;
    },
    container: async (service) => {
      const [first, ...others] = (await containers()).filter((container) => container.service === service);
      if (!first || others.length > 0) throw new Error(`${service} has ${others.length + (first ? 1 : 0)} containers`);
      return first;
    },
    networks: () => docker('network', 'ls', '-q', '--no-trunc', '--filter', `label=${label}`).then(lines),
    volumes: () => docker('volume', 'ls', '-q', '--filter', `label=${label}`).then(lines),
    leftovers: async () => [
      ...(await containers()).map(({ name }) => `container ${name}`),
      ...(await docker('network', 'ls', '--format', '{{.Name}}', '--filter', `label=${label}`).then(lines)).map((name) => `network ${name}`),
      ...(await docker('volume', 'ls', '-q', '--filter', `label=${label}`).then(lines)).map((name) => `volume ${name}`),
      ...(await existing('volume', seen.volumes)).map((name) => `volume ${name}`),
      ...(await existing('network', seen.networks)).map((name) => `network ${name}`),
    ],
    sweep: () => sweep(label, seen),
  };
}

async function existing(kind: 'volume' | 'network', names: ReadonlySet<string>): Promise<readonly string[]> {
  if (names.size === 0) return [];
  const all = lines(await docker(kind, 'ls', '-q', ...(kind === 'network' ? ['--no-trunc'] : [])));
  return all.filter((name) => names.has(name));
}

/** What a failed scenario left, and the images it built, go here. */
async function sweep(label: string, { volumes, networks, instances }: { volumes: ReadonlySet<string>; networks: ReadonlySet<string>; instances: ReadonlySet<string> }): Promise<void> {
  const ids = lines(await docker('ps', '-aq', '--filter', `label=${label}`));
  if (ids.length > 0) await docker('rm', '-fv', ...ids);
  const lost = [...lines(await docker('network', 'ls', '-q', '--no-trunc', '--filter', `label=${label}`)), ...(await existing('network', networks))];
  if (lost.length > 0) await docker('network', 'rm', ...new Set(lost));
  const data = [...lines(await docker('volume', 'ls', '-q', '--filter', `label=${label}`)), ...(await existing('volume', volumes))];
  if (data.length > 0) await docker('volume', 'rm', ...new Set(data));
  for (const instance of instances) {
    const images = lines(await docker('images', '--format', '{{.Repository}}:{{.Tag}}', `${instance}-*`));
    if (images.length > 0) await docker('rmi', ...images);
  }
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

async function listContainers(label: string): Promise<readonly Container[]> {
  const ids = lines(await docker('ps', '-aq', '--no-trunc', '--filter', `label=${label}`));
  if (ids.length === 0) return [];
  const told = await dockerEnded(['inspect', '--type', 'container', ...ids]); // one may go meanwhile: the others are still told
  return (JSON.parse(told.stdout || '[]') as readonly Inspected[]).map(asContainer).sort((a, b) => a.name.localeCompare(b.name));
}

function asContainer({ Id, Name, State, Config, Mounts, NetworkSettings }: Inspected): Container {
  const ports = Object.entries(NetworkSettings.Ports ?? {}).flatMap(([port, bound]) => (bound ? [[port, bound.map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}`)] as const] : []));
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

/** The docker command's own word, outside envctl. Throws where it fails. */
export async function docker(...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await dockerEnded(argv);
  if (code !== 0) throw new Error(`docker ${argv.join(' ')}: ${stderr}`);
  return stdout;
}

export const dockerEnded = (argv: readonly string[], options: { readonly input?: string; readonly cwd?: string } = {}): Promise<Ended> =>
  begin(['docker', ...argv], { cwd: options.cwd ?? root, env: process.env, timeoutMs: 60_000, ...(options.input === undefined ? {} : { input: options.input }) }).ended;

/** What this machine uses for an image: the lab's stand-in, else the image itself; it is here afterwards. */
export async function imageHere(name: string): Promise<string> {
  const rules = process.env.ENVCTL_IMAGES ? (parse(readFileSync(process.env.ENVCTL_IMAGES, 'utf8')) as { images?: Record<string, string> }) : {};
  const image = rules.images?.[name] ?? rules.images?.[name.replace(/:[^:/]*$/, '')] ?? name;
  if ((await dockerEnded(['image', 'inspect', image])).code !== 0) await docker('pull', '--quiet', image);
  return image;
}

/** Gives an image of this machine another name while `body` runs. */
export async function withTag(image: string, tags: readonly string[], body: () => Promise<void>): Promise<void> {
  const here = await imageHere(image);
  for (const tag of tags) await docker('tag', here, tag);
  try {
    await body();
  } finally {
    await dockerEnded(['rmi', ...tags]);
  }
}

export const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** A profile of one project by name. */
export const profile = (name: string, text: string): Readonly<Record<string, string>> => ({ [`environments/${name}.yaml`]: text });

/** Ids by service, to be compared with those of later. */
export const idsOf = (containers: readonly Container[]): Readonly<Record<string, string>> => Object.fromEntries(containers.map(({ name, id }) => [name, id]));

/** What `env --format json` tells. */
export async function exportsOf(project: Project, argv: string): Promise<Readonly<Record<string, string>>> {
  const { code, stdout, stderr } = await project.envctl(`env ${argv} --format json`);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Record<string, string>;
}

/** Fails with the command's own words where the code is another one. */
export function expectCode(ended: Ended, code: number): void {
  expect({ code: ended.code, said: ended.code === code ? '' : ended.stdout + ended.stderr }).toEqual({ code, said: '' });
}
