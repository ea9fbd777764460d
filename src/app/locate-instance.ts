/** Which instance a command means. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { composeFilesIn, composeProfileName, findProject, instanceId, listProfiles } from '../files/project.js';
import { EnvctlError } from '../model/errors.js';

export interface InstanceRequest {
  /** A profile's name or a full instance id; null: not said. */
  readonly name: string | null;
  readonly files: readonly string[];
  /** `-i`. */
  readonly instance: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
}

/** Where the profile of an instance is written; `id`: nowhere that is known here. */
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

/** Throws USAGE with the list to choose from, PROFILE_UNKNOWN with the nearest name. */
export async function locateInstance(request: InstanceRequest): Promise<InstanceIdentity> {
  if (request.files.length > 0) return composeIdentity(request.files, request);
  const project = findProject(request.folder);
  const profiles = await listProfiles(project);
  const { name } = request;
  if (name !== null && profiles.some((profile) => profile.name === name))
    return profileIdentity(name, project, request);
  if (name !== null && /^[a-z0-9-]+-[0-9a-f]{6}$/.test(name))
    return { id: name, profile: name.slice(0, -7), project, source: { kind: 'id' } };
  if (name !== null) return unknownProfile(name, project);
  const [only] = profiles;
  if (only && profiles.length === 1) return profileIdentity(only.name, project, request);
  const compose = composeFilesIn(request.folder);
  if (compose.length > 0 && profiles.length === 0) return composeIdentity(compose, request);
  throw new EnvctlError('USAGE', profiles.length === 0 ? 'there is no profile here' : 'say which profile', {
    hint:
      profiles.length === 0
        ? 'Write environments/<name>.yaml, or name a Compose file: -f docker-compose.yml.'
        : `Profiles here: ${profiles.map((profile) => profile.name).join(', ')}.`,
  });
}

async function profileIdentity(
  name: string,
  project: string,
  { instance, env }: InstanceRequest,
): Promise<InstanceIdentity> {
  const id = await instanceId({ profile: name, name: instance, paths: [project], env });
  return { id, profile: name, project, source: { kind: 'profile', name } };
}

/** With `-f` the project is the first file's folder. */
async function composeIdentity(
  written: readonly string[],
  { folder, instance, env }: InstanceRequest,
): Promise<InstanceIdentity> {
  const files = written.map((file) => resolve(folder, file));
  for (const file of files) {
    if (existsSync(file)) continue;
    throw new EnvctlError('PROFILE_UNKNOWN', `${file} does not exist`, { hint: 'Check the path after -f.' });
  }
  const [first = ''] = files;
  const { readDocument } = await import('../files/yaml/document.js');
  const profile = composeProfileName(first, (await readDocument(first)).value.name);
  const id = await instanceId({ profile, name: instance, paths: files, env });
  return { id, profile, project: dirname(first), source: { kind: 'compose', files } };
}

async function unknownProfile(name: string, project: string): Promise<never> {
  if (/\.ya?ml$/.test(name) && existsSync(name)) {
    throw new EnvctlError('PROFILE_UNKNOWN', `"${name}" is a file, not a profile`, {
      hint: `A Compose file is given with -f ${name}; a profile stands in environments/ and is named without its ending.`,
    });
  }
  const { findProfile } = await import('../files/project.js');
  await findProfile(project, name);
  throw new Error(`${join(project, 'environments')} changed while it was read`);
}
