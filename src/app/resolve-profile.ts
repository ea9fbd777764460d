import { readFileSync } from 'node:fs';
import { publicNames, secretValues } from '../connections/masking.js';
import { realPath } from '../files/real-path.js';
import type { Environment, Storage } from '../model/environment.js';
import { EnvctlError } from '../model/errors.js';
import { isMap, type TemplateTree } from '../model/json.js';
import type { Layer } from '../model/profile.js';
import { isTemplateText } from '../model/template-text.js';
import { formatTree } from '../profile/references/template-text.js';
import type { Session } from './session.js';

export interface ProfileOptions {
  /** Parameters of the profile by name. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly composeProfiles: readonly string[];
  /** Only these services and their dependencies; empty: all. */
  readonly services: readonly string[];
  readonly without: readonly string[];
  /** `auto`: the storage of the existing instance, else memory if `ephemeral`, else disk. */
  readonly storage: Storage | 'auto';
  readonly ephemeral: boolean;
  readonly fixedPorts: boolean;
}

/** Resolves the session's profile and hides its secrets in all output. Throws USAGE if only an instance id is known. */
export async function resolveProfile(session: Session, options: ProfileOptions): Promise<Environment> {
  const [{ resolveEnvironment }, { loadTemplates }, { protocols }, { composeServiceKeys }, { ownServiceKeys }, layers] =
    await Promise.all([
      import('../profile/resolve.js'),
      import('../files/templates.js'),
      import('../protocols/registry.js'),
      import('../files/compose-keys.js'),
      import('../files/service-schema.js'),
      loadLayers(session),
    ]);
  const { identity, engine, caller } = session;
  const environment = resolveEnvironment({
    layers,
    templates: await loadTemplates(identity.project, templatesFor(layers)),
    protocols,
    composeKeys: composeServiceKeys,
    serviceKeys: [...Object.keys(ownServiceKeys), ...composeServiceKeys],
    instance: { id: identity.id, profile: identity.profile, project: identity.project },
    set: options.parameters,
    env: caller.env,
    secret: session.secrets.expected,
    readText,
    realPath,
    selection: {
      only: options.services,
      without: options.without,
      composeProfiles: [...options.composeProfiles, ...composeProfilesOf(caller.env)],
    },
    storage: storageOf(session, options),
    fixedPorts: options.fixedPorts,
    runs: engine.runs,
  });
  await caller.hide(secretValues(environment), publicNames(environment));
  return environment;
}

const composeProfilesOf = (env: Session['caller']['env']): readonly string[] =>
  (env.COMPOSE_PROFILES ?? '').split(',').filter(Boolean);

/** Storage is decided when the instance is created; later only an explicit option changes it. */
function storageOf({ observed }: Session, { storage, ephemeral }: ProfileOptions): Storage {
  if (storage !== 'auto') return storage;
  const existing = observed.find(({ record }) => record !== null)?.record?.storage;
  return existing ?? (ephemeral ? 'memory' : 'disk');
}

/** A service without a template may use an image that any template recognizes, so then all are loaded. */
function templatesFor(layers: readonly Layer[]): readonly string[] | 'all' {
  const services = layers
    .flatMap(({ document }) => Object.values(isMap(document.value.services) ? document.value.services : {}))
    .filter((service) => isMap(service));
  if (services.some((service) => 'image' in service && !('template' in service))) return 'all';
  return [...new Set(services.flatMap((service) => (typeof service.template === 'string' ? service.template : [])))];
}

async function loadLayers(session: Session): Promise<readonly Layer[]> {
  const { identity, caller } = session;
  const { loadCompose, loadProfile } = await import('../files/load-profile.js');
  const load = {
    project: identity.project,
    env: caller.env,
    readCompose: composeReading(session),
    signal: caller.signal,
  };
  if (identity.source.kind === 'profile') return loadProfile(identity.source.name, load);
  if (identity.source.kind === 'compose') return loadCompose(identity.source.files, load);
  throw new EnvctlError('USAGE', `"${identity.id}" is an instance id, and this command needs the profile`, {
    hint: 'Name the profile, or give the Compose file with `-f`.',
  });
}

/** Loads the Compose reader when the first Compose file is read. */
function composeReading(
  session: Session,
): Parameters<typeof import('../files/load-profile.js').loadProfile>[1]['readCompose'] {
  return async (request) => {
    const [{ composeReader }, { openComposeFile, parseComposeOutput }] = await Promise.all([
      import('../engines/compose/reader/reader.js'),
      import('../files/yaml/compose-source.js'),
    ]);
    return composeReader({
      env: session.caller.env,
      open: openComposeFile,
      parseYaml: parseComposeOutput,
    })(request);
  };
}

/** null: there is no such file, or it cannot be read. */
function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** An environment as plain data: references in their textual form, and no positions. */
export function describeEnvironment({ absent: _, ...environment }: Environment): object {
  return Object.fromEntries(
    Object.entries(environment).map(([key, value]) => [key, formatTree(withoutPositions(value))]),
  );
}

/** An environment is made of plain data, which the compiler cannot know of its interfaces. */
function withoutPositions(value: unknown): TemplateTree {
  if (typeof value !== 'object' || value === null || isTemplateText(value)) return value as TemplateTree;
  if (Array.isArray(value)) return value.map(withoutPositions);
  const entries = Object.entries(value).filter(([key]) => key !== 'position' && key !== 'keyPositions');
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutPositions(item)]));
}
