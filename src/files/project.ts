import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { EnvctlError, suggest } from '../model/errors.js';

/** The nearest ancestor with `environments/` or `.envctl/`, else the git root, else the folder itself. */
export function findProject(start: string): string {
  const ancestors = ancestorsOf(resolve(start));
  const own = ancestors.find(
    (folder) => existsSync(join(folder, 'environments')) || existsSync(join(folder, '.envctl')),
  );
  return own ?? ancestors.find((folder) => existsSync(join(folder, '.git'))) ?? resolve(start);
}

function ancestorsOf(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestorsOf(parent)];
}

export interface ProfileFile {
  readonly name: string;
  readonly path: string;
}

/**
 * Profiles of a project by name: `environments/<name>.yaml` or `environments/<name>/profile.yaml` (`.yml` too).
 * Synchronous, for shell completion.
 */
export function listProfiles(project: string): readonly ProfileFile[] {
  const folder = join(project, 'environments');
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  const found = entries.flatMap((entry) => {
    if (entry.isDirectory()) return profileIn(folder, entry.name);
    const match = /^(.+)\.ya?ml$/.exec(entry.name);
    return match?.[1] && !match[1].endsWith('.local') ? [{ name: match[1], path: join(folder, entry.name) }] : [];
  });
  return found.sort((a, b) => a.name.localeCompare(b.name));
}

function profileIn(folder: string, name: string): readonly ProfileFile[] {
  const path = ['profile.yaml', 'profile.yml']
    .map((file) => join(folder, name, file))
    .find((candidate) => existsSync(candidate));
  return path ? [{ name, path }] : [];
}

/** Throws PROFILE_UNKNOWN with the nearest name. */
export async function findProfile(project: string, name: string): Promise<ProfileFile> {
  const profiles = listProfiles(project);
  const found = profiles.find((profile) => profile.name === name);
  if (found) return found;
  throw new EnvctlError('PROFILE_UNKNOWN', `There is no profile "${name}" in ${join(project, 'environments')}`, {
    hint:
      profiles.length > 0
        ? suggest(
            name,
            profiles.map((profile) => profile.name),
          )
        : 'Create environments/<name>.yaml, or use a Compose file: `-f docker-compose.yml`.',
  });
}

const composeNames = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];

/** The Compose file of a folder, in Compose's order of preference, and its override; empty: none. */
export function composeFilesIn(folder: string): readonly string[] {
  const found = (names: readonly string[]): readonly string[] =>
    names
      .map((name) => join(folder, name))
      .filter(existsSync)
      .slice(0, 1);
  const [file] = found(composeNames);
  return file === undefined ? [] : [file, ...found(composeNames.map((name) => name.replace('.', '.override.')))];
}

export interface InstanceIdInput {
  readonly profile: string;
  /** `-i`: a second, separate instance of the profile. */
  readonly name: string | null;
  /** Paths that identify it: the project's folder, or the Compose files. */
  readonly paths: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** `<profile>[-<name>]-<6 hex>`: at most 40 of `[a-z0-9-]` before the hash; in CI the hash covers the job too. */
export async function instanceId({ profile, name, paths, env }: InstanceIdInput): Promise<string> {
  const real = await Promise.all(paths.map((path) => realpath(path).catch(() => resolve(path))));
  const written = name === null ? profile : `${profile}-${name}`;
  const slug = written
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '');
  const extra = slug === written ? [] : [written];
  const hash = createHash('sha256')
    .update([...real.sort(), ...extra, ...ciJob(env)].join('\0'))
    .digest('hex');
  return `${slug || 'profile'}-${hash.slice(0, 6)}`;
}

/** Variables that identify one job of one run: GitHub, GitLab, CircleCI, Buildkite, Jenkins, Azure. */
const jobVariables = [
  'GITHUB_RUN_ID',
  'GITHUB_RUN_ATTEMPT',
  'GITHUB_JOB',
  'CI_JOB_ID',
  'CIRCLE_WORKFLOW_JOB_ID',
  'BUILDKITE_JOB_ID',
  'BUILD_TAG',
  'SYSTEM_JOBID',
];

const ciJob = (env: Readonly<Record<string, string | undefined>>): readonly string[] =>
  env.CI ? jobVariables.map((name) => env[name] ?? '') : [];

/** With `-f`: the file's `name:`, else the name of its folder. */
export const composeProfileName = (file: string, name: unknown): string =>
  typeof name === 'string' && name !== '' ? name : basename(dirname(resolve(file))) || 'compose';
