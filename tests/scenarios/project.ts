/** A project of a scenario: its folder, the envctl commands run in it, and its objects on the engine. */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type CommandResult, cleanEnv, program, type RunningCommand, root, startCommand } from '../cli/command.js';
import { dockerAsync as docker, lines } from '../testing/docker-command.js';
import { type Container, cleanUp, leftovers, listContainers, type SeenObjects } from './census.js';

export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly timeoutMs?: number;
  readonly input?: string;
}

/** A folder with profiles, and the objects on the engine made from it. */
export interface Project {
  readonly folder: string;
  envctl(argv: string | readonly string[], options?: RunOptions): Promise<CommandResult>;
  /** Starts a command that the test can watch and interrupt. */
  start(argv: string | readonly string[], options?: RunOptions): RunningCommand;
  write(path: string, text: string): void;
  path(path: string): string;
  /** The containers of the project, by service and number. */
  containers(): Promise<readonly Container[]>;
  /** The only container of a service. */
  container(service: string): Promise<Container>;
  networks(): Promise<readonly string[]>;
  volumes(): Promise<readonly string[]>;
}

/** With the methods a stage needs at the end. */
export interface ProjectOnEngine extends Project {
  /** Creates the folder with these files. */
  fill(files: Readonly<Record<string, string>>): void;
  leftovers(): Promise<readonly string[]>;
  cleanUp(): Promise<void>;
}

export function makeProject(folder: string, user: string): ProjectOnEngine {
  const label = `envctl.project=${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`;
  const seen: SeenObjects = { volumes: new Set(), networks: new Set(), instances: new Set() };
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    if (text.startsWith('copy:'))
      cpSync(join(root, text.slice('copy:'.length)), join(folder, path), { recursive: true });
    else writeFileSync(join(folder, path), text);
  };
  const containers = async (): Promise<readonly Container[]> => {
    const found = await listContainers(label);
    for (const container of found) {
      seen.instances.add(container.instance);
      for (const volume of container.volumes) seen.volumes.add(volume);
      for (const network of container.networks) seen.networks.add(network);
    }
    return found;
  };
  const start = (argv: string | readonly string[], options: RunOptions = {}): RunningCommand => {
    const words = typeof argv === 'string' ? argv.split(' ') : argv;
    const env = cleanEnv({
      XDG_STATE_HOME: join(user, 'state'),
      XDG_CONFIG_HOME: join(user, 'config'),
      ...options.env,
    });
    return startCommand([process.execPath, program, ...words], { ...options, cwd: options.cwd ?? folder, env });
  };
  return {
    folder,
    write,
    fill: (files) => {
      mkdirSync(join(folder, '.envctl'), { recursive: true });
      for (const [path, text] of Object.entries(files)) write(path, text);
    },
    start,
    path: (path) => join(folder, path),
    containers,
    envctl: async (argv, options) => {
      const ended = await start(argv, options).ended;
      // Records the volumes, which must be removed at the end.
      if (/^up\b/.test(typeof argv === 'string' ? argv : (argv[0] ?? ''))) await containers();
      return ended;
    },
    container: async (service) => {
      const [first, ...others] = (await containers()).filter((container) => container.service === service);
      if (!first || others.length > 0) throw new Error(`${service} has ${others.length + (first ? 1 : 0)} containers`);
      return first;
    },
    networks: () => docker('network', 'ls', '-q', '--no-trunc', '--filter', `label=${label}`).then(lines),
    volumes: () => docker('volume', 'ls', '-q', '--filter', `label=${label}`).then(lines),
    leftovers: () => leftovers(label, seen),
    cleanUp: () => cleanUp(label, seen),
  };
}
