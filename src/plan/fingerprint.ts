/** Fingerprints show whether a service changed since it was created. */
import { createHash } from 'node:crypto';
import type { Environment } from '../model/environment.js';
import { isMap, type Json, type JsonMap, type TemplateMap, type TemplateTree } from '../model/json.js';
import type { Service } from '../model/service.js';
import { isTemplateText } from '../model/template-text.js';
import type { ImageMetadata, Workload } from '../model/workload.js';
import { displayText, formatTree } from '../profile/references/template-text.js';

/**
 * Files whose content is part of a fingerprint: single files that are bind-mounted, configs, secrets, `env_file`s, and
 * the folder a process runs in, which holds its code (it ends with a slash). A bind-mounted folder has no slash: it is
 * data and not hashed.
 */
export function mountedFiles(environment: Environment): readonly string[] {
  return [...new Set(environment.services.flatMap((service) => filesOf(service, environment)))];
}

/** Masks secrets in JSON, plain and percent-encoded: passwords could be guessed and checked against a fingerprint. */
export function secretMask(secrets: readonly string[]): (text: string) => string {
  const long = secrets.filter((secret) => secret.length >= 8);
  const spellings = new Set(
    long.flatMap((secret) => [JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]),
  );
  if (spellings.size === 0) return (text) => text;
  const escaped = [...spellings]
    .sort((a, b) => b.length - a.length)
    .map((spelling) => spelling.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  const written = new RegExp(escaped.join('|'), 'g');
  return (text) => text.replace(written, '•');
}

export interface Fingerprinted {
  readonly service: Service;
  readonly environment: Environment;
  /** May contain secrets of other services. */
  readonly rendered: Pick<Workload, 'compose' | 'process' | 'env' | 'ports' | 'stores'>;
  readonly image: ImageMetadata | null;
  /** Content hashes of the files that `mountedFiles` lists. */
  readonly hashes: Readonly<Record<string, string>>;
  /** A function made by `secretMask`. */
  readonly mask: (text: string) => string;
}

/**
 * Three short hashes, so that a change can be named: configuration, image, mounted files. Independent of secrets,
 * engine-assigned ports, scale and the order of keys.
 */
export function fingerprint({ service, environment, rendered, image, hashes, mask }: Fingerprinted): string {
  const used = topLevel(service, environment);
  const plain = { ...rendered, parameters: withoutSecrets(service), configs: formatTree(used) };
  const text = mask(JSON.stringify(sorted(withoutOwnSecrets(plain, service) as unknown as Json)));
  const files = filesOf(service, environment).map((path) => hashes[path] ?? '');
  return [text, image?.id ?? '', JSON.stringify(files)]
    .map((part) => createHash('sha256').update(part).digest('hex').slice(0, 12))
    .join('-');
}

function filesOf(service: Service, environment: Environment): readonly string[] {
  const mounts = list(service.compose.volumes).flatMap((mount) =>
    isMap(mount) && mount.type === 'bind' ? [mount.source] : [],
  );
  const entries = Object.values(topLevel(service, environment)).map((entry) => (isMap(entry) ? entry.file : undefined));
  const variables = list(service.compose.env_file).map((entry) => (isMap(entry) ? entry.path : undefined));
  const code = service.process?.kind === 'command' ? [`${displayText(service.process.cwd)}/`] : [];
  const written = [...mounts, ...entries, ...variables, ...code].flatMap((path) =>
    typeof path === 'string' || isTemplateText(path) ? [displayText(path)] : [],
  );
  return [...new Set(written)];
}

/** The top-level configs and secrets that this service mounts. */
function topLevel({ compose }: Service, environment: Environment): TemplateMap {
  const used = (['configs', 'secrets'] as const).flatMap((kind) => {
    const all = environment.compose[kind];
    const names = list(compose[kind]).map((entry) => displayText(isMap(entry) ? entry.source : entry));
    return names.map((name) => [`${kind}.${name}`, (isMap(all) ? all[name] : undefined) ?? null] as const);
  });
  return Object.fromEntries(used);
}

const list = (value: TemplateTree | undefined): readonly TemplateTree[] => (Array.isArray(value) ? value : []);

const withoutSecrets = ({ parameters, secrets }: Service): JsonMap =>
  Object.fromEntries(Object.entries(parameters).filter(([name]) => !Object.hasOwn(secrets, name)));

/** Empties variables that hold a secret: short secrets cannot be searched for in a text. */
function withoutOwnSecrets<T extends { readonly compose: JsonMap }>(rendered: T, { secrets }: Service): T {
  const { environment } = rendered.compose;
  if (!isMap(environment)) return rendered;
  const hidden = Object.values(secrets).flat();
  return {
    ...rendered,
    compose: {
      ...rendered.compose,
      environment: Object.fromEntries(
        Object.entries(environment).map(([name, value]) => [name, hidden.includes(name) ? '' : value]),
      ),
    },
  };
}

function sorted(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, child]) => [key, sorted(child as Json)]),
  );
}
