import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  composeFilesIn,
  composeProfileName,
  findProfile,
  findProject,
  instanceId,
  listProfiles,
} from '../files/project.js';
import { EnvctlError } from '../model/errors.js';

export interface InstanceRequest {
  /** A profile's name or an instance id; null: the only profile of the project, or the folder's Compose file. */
  readonly profile: string | null;
  /** Compose files to use as the profile. */
  readonly files: readonly string[];
  /** Tells several instances of one profile apart; null: the default instance. */
  readonly instance: string | null;
}

export interface LocateOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** `id`: only the instance id is known, not its profile. */
export type ProfileSource =
  | { readonly kind: 'profile'; readonly name: string }
  | { readonly kind: 'compose'; readonly files: readonly string[] }
  | { readonly kind: 'id' };

export interface InstanceIdentity {
  readonly id: string;
  readonly profile: string;
  /** Absolute folder of the project. */
  readonly project: string;
  readonly source: ProfileSource;
}

/** Throws USAGE with the profiles to choose from, or PROFILE_UNKNOWN with the nearest name. */
export async function locateInstance(request: InstanceRequest, options: LocateOptions): Promise<InstanceIdentity> {
  const { profile, files, instance } = request;
  const { cwd } = options;
  if (files.length > 0) return composeIdentity(files, instance, options);
  const project = findProject(cwd);
  const names = listProfiles(project).map(({ name }) => name);
  if (profile !== null) {
    if (names.includes(profile)) return profileIdentity(profile, { project, instance, options });
    if (isInstanceId(profile)) return { id: profile, profile: profile.slice(0, -7), project, source: { kind: 'id' } };
    return unknownProfile(profile, project, cwd);
  }
  const [only] = names;
  if (only !== undefined && names.length === 1) return profileIdentity(only, { project, instance, options });
  const compose = composeFilesIn(cwd);
  if (compose.length > 0 && names.length === 0) return composeIdentity(compose, instance, options);
  throw whichProfile(names);
}

const isInstanceId = (text: string): boolean => /^[a-z0-9-]+-[0-9a-f]{6}$/.test(text);

interface ProfileLocation {
  readonly project: string;
  readonly instance: string | null;
  readonly options: LocateOptions;
}

async function profileIdentity(
  name: string,
  { project, instance, options }: ProfileLocation,
): Promise<InstanceIdentity> {
  const id = await instanceId({ profile: name, name: instance, paths: [project], env: options.env });
  return { id, profile: name, project, source: { kind: 'profile', name } };
}

/** The project of Compose files is the first file's folder. */
async function composeIdentity(
  paths: readonly string[],
  instance: string | null,
  { env, cwd }: LocateOptions,
): Promise<InstanceIdentity> {
  const files = paths.map((path) => resolve(cwd, path));
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined)
    throw new EnvctlError('PROFILE_UNKNOWN', `File "${missing}" does not exist`, {
      hint: 'Check the path given with `-f`.',
    });
  const [first = ''] = files;
  const { readDocument } = await import('../files/yaml/document.js');
  const profile = composeProfileName(first, (await readDocument(first)).value.name);
  const id = await instanceId({ profile, name: instance, paths: files, env });
  return { id, profile, project: dirname(first), source: { kind: 'compose', files } };
}

async function unknownProfile(name: string, project: string, cwd: string): Promise<never> {
  if (/\.ya?ml$/.test(name) && existsSync(resolve(cwd, name)))
    throw new EnvctlError('PROFILE_UNKNOWN', `"${name}" is a file, not the name of a profile`, {
      hint: `Use a Compose file with \`-f ${name}\`. Profiles are in environments/ and are named without ".yaml".`,
    });
  await findProfile(project, name);
  throw new Error(`${join(project, 'environments')} changed while it was read`);
}

function whichProfile(names: readonly string[]): EnvctlError {
  return names.length === 0
    ? new EnvctlError('USAGE', 'No profile found here', {
        hint: 'Write environments/<name>.yaml, or use a Compose file with `-f docker-compose.yml`.',
      })
    : new EnvctlError('USAGE', 'Name a profile: there are several', { hint: `Profiles here: ${names.join(', ')}.` });
}
