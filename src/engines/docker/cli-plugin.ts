import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ProcessEnv } from '../../model/host.js';
import { asList } from '../../model/json.js';
import { readDockerConfig } from './api/docker-config.js';

/** Folders where docker looks for plugins after the user's own (docker/cli, cli-plugins/manager). */
const systemFolders = [
  '/usr/local/lib/docker/cli-plugins',
  '/usr/local/libexec/docker/cli-plugins',
  '/usr/lib/docker/cli-plugins',
  '/usr/libexec/docker/cli-plugins',
];

/**
 * The first words of a command line for a docker plugin: the plugin's own file if found, because calling it through
 * `docker` costs a process and 50 to 70 ms; else `docker <name>`. The plugin finds hosts and contexts as `docker` does.
 */
export async function findPlugin(
  name: 'compose' | 'buildx',
  env: ProcessEnv,
  folders: readonly string[] = systemFolders,
): Promise<readonly string[]> {
  const { folder, config } = await readDockerConfig({ HOME: homedir(), ...env });
  const file = process.platform === 'win32' ? `docker-${name}.exe` : `docker-${name}`;
  const extraFolders = asList(config.cliPluginsExtraDirs).map(String);
  for (const candidate of [join(folder, 'cli-plugins'), ...extraFolders, ...folders].map((path) => join(path, file))) {
    if (await isExecutable(candidate)) return [candidate];
  }
  return ['docker', name];
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
