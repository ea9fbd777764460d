/** What a service itself says of a parameter: a variable, a file that a `*_FILE` variable names, or a flag of its command. */
import { posix } from 'node:path';
import type { Json, JsonMap, Scalar } from '../../model/json.js';
import { isMap } from '../../model/json.js';
import type { Parameter, TemplateText } from '../../model/profile.js';
import { escapeText } from '../references/grammar.js';
import type { ResolveInput } from '../resolve-input.js';
import { isScalar } from './parameters.js';
import { commandWords } from './recognize-image.js';

export interface DeclaredParameter {
  readonly compose: JsonMap;
  /** Compose's top-level `secrets`. */
  readonly secrets: JsonMap;
  readonly input: Pick<ResolveInput, 'readText' | 'env'>;
}

/** As Text; undefined: it says nothing. */
export function declaredParameters(parameter: Parameter, said: DeclaredParameter): Scalar | undefined {
  const environment = isMap(said.compose.environment) ? said.compose.environment : {};
  for (const source of parameter.from) {
    const value = source.startsWith('-') ? flagValue(commandWords(said.compose.command), source) : environment[source];
    if (!isScalar(value) || value === '') continue;
    const content = source.endsWith('_FILE') ? fileValue(String(value), said) : value;
    if (content !== undefined) return content;
  }
  return undefined;
}

function flagValue(command: readonly string[], flag: string): string | undefined {
  const joined = command.find((word) => word.startsWith(`${flag}=`));
  const index = command.indexOf(flag);
  return joined?.slice(flag.length + 1) ?? (index < 0 ? undefined : command[index + 1]);
}

/** The container's path of a Compose secret or of a mounted file leads to the content on this host. */
function fileValue(path: string, { compose, secrets, input }: DeclaredParameter): TemplateText | undefined {
  const name = secretAt(path, compose.secrets);
  const secret = name === undefined ? undefined : secrets[name];
  if (isMap(secret) && typeof secret.environment === 'string') return maybe(input.env[secret.environment] ?? null);
  const file = isMap(secret) ? secret.file : mountedAt(path, compose.volumes);
  return typeof file === 'string' ? maybe(input.readText(file)) : undefined;
}

const maybe = (text: string | null): TemplateText | undefined =>
  text === null ? undefined : escapeText(text.replace(/\r?\n$/, ''));

/** docs.docker.com/reference/compose-file/services/#secrets: `/run/secrets/<name>`, or where the long form's `target` says. */
function secretAt(path: string, used: Json | undefined): string | undefined {
  for (const entry of Array.isArray(used) ? (used as readonly Json[]) : []) {
    const source = isMap(entry) ? String(entry.source ?? '') : String(entry);
    const target = isMap(entry) && typeof entry.target === 'string' ? entry.target : source;
    if (posix.resolve('/run/secrets', target) === path) return source;
  }
  return undefined;
}

function mountedAt(path: string, volumes: Json | undefined): Json | undefined {
  const mount = (Array.isArray(volumes) ? (volumes as readonly Json[]) : []).find(
    (entry) => isMap(entry) && entry.type === 'bind' && entry.target === path,
  );
  return isMap(mount) ? mount.source : undefined;
}
