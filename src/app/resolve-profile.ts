/** From the files of a session to what they mean. */
import { readFileSync } from 'node:fs';
import { realPath } from '../files/real-path.js';
import type { Environment, Storage } from '../model/environment.js';
import { EnvctlError } from '../model/errors.js';
import { isMap } from '../model/json.js';
import type { Layer } from '../model/profile.js';
import type { Selection } from '../profile/resolve-input.js';
import type { Session } from './session.js';

export interface ResolveOptions {
  readonly set: Readonly<Record<string, string>>;
  readonly selection: Selection;
  readonly storage: Storage;
  readonly fixedPorts: boolean;
}

/** What the profile of the session means. Throws USAGE where only an id is known. */
export async function resolveProfile(session: Session, options: ResolveOptions): Promise<Environment> {
  const [{ resolveEnvironment }, { loadTemplates }, { protocols }, { composeServiceKeys }, { serviceWords }, layers] =
    await Promise.all([
      import('../profile/resolve.js'),
      import('../files/templates.js'),
      import('../protocols/registry.js'),
      import('../files/compose-keys.js'),
      import('../files/schema.js'),
      loadLayers(session),
    ]);
  const { identity, engine } = session;
  return resolveEnvironment({
    layers,
    templates: await loadTemplates(identity.project, templatesFor(layers)),
    protocols,
    composeKeys: composeServiceKeys,
    serviceKeys: [...Object.keys(serviceWords), ...composeServiceKeys],
    instance: { id: identity.id, profile: identity.profile, project: identity.project },
    set: options.set,
    env: session.options.env,
    secret: session.expectedSecret,
    readText: (path) => readSmall(path),
    realPath,
    selection: options.selection,
    storage: options.storage,
    fixedPorts: options.fixedPorts,
    runs: engine.runs,
  });
}

/** A service without a template may have an image that any of them recognises. */
function templatesFor(layers: readonly Layer[]): readonly string[] | 'all' {
  const services = layers
    .flatMap(({ document }) => Object.values(isMap(document.value.services) ? document.value.services : {}))
    .filter(isMap);
  if (services.some((service) => 'image' in service && !('template' in service))) return 'all';
  return [...new Set(services.flatMap((service) => (typeof service.template === 'string' ? service.template : [])))];
}

async function loadLayers(session: Session): Promise<readonly Layer[]> {
  const { identity, options } = session;
  const { loadCompose, loadProfile } = await import('../files/load-profile.js');
  const load = {
    project: identity.project,
    env: options.env,
    readCompose: composeReading(session),
    signal: options.signal,
  };
  if (identity.source.kind === 'profile') return loadProfile(identity.source.name, load);
  if (identity.source.kind === 'compose') return loadCompose(identity.source.files, load);
  throw new EnvctlError('USAGE', `${identity.id} is an instance id, and this command needs its profile`, {
    hint: 'Name the profile, or the Compose file with -f.',
  });
}

/** Loaded only when a Compose file is to be read. */
function composeReading(
  session: Session,
): Parameters<typeof import('../files/load-profile.js').loadProfile>[1]['readCompose'] {
  return async (request) => {
    const [{ composeReader }, { openComposeFile, parseComposeOutput }] = await Promise.all([
      import('../engines/compose/reader/reader.js'),
      import('../files/yaml/compose-source.js'),
    ]);
    return composeReader({
      env: session.options.env,
      open: openComposeFile,
      parseYaml: parseComposeOutput,
    })(request);
  };
}

function readSmall(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
