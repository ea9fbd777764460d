import type { SystemPackages } from './programs.js';
import { requireProgram, satisfies, versionOf } from './programs.js';
import { parameter, type Server } from './server.js';

export interface InstalledServer {
  readonly program: string;
  readonly version: string | null;
}

/** The common part of servers that are one program, named like its package. */
export const installedServer = (
  name: string,
  packages: SystemPackages,
  versionArgument = '--version',
): Pick<Server<InstalledServer>, 'names' | 'find' | 'differs'> => ({
  names: [name],
  async find(context, request) {
    const program = requireProgram(context, request, { names: [name], packages });
    return { program, version: await versionOf(program, request, versionArgument) };
  },
  differs: ({ version }, request) =>
    version === null || satisfies(version, parameter(request, 'version', 'latest')) ? null : `${name} ${version}`,
});
