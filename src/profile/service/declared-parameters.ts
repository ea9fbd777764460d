/** Parameter values that a service declares itself: in a variable, in the file of a `*_FILE` variable, or as a flag. */
import { posix } from 'node:path';
import { isMap, type Scalar, type TemplateMap, type TemplateTree } from '../../model/json.js';
import type { Parameter } from '../../model/profile.js';
import { isTemplateText, type TemplateString, type TemplateText } from '../../model/template-text.js';
import { commandArguments, rewriteText } from '../references/rewrite.js';
import { displayText } from '../references/template-text.js';
import type { ResolveInput } from '../resolve-input.js';
import { isScalar } from './parameters.js';

export interface Declarations {
  readonly compose: TemplateMap;
  /** Compose's top-level `secrets`. */
  readonly secrets: TemplateMap;
  readonly input: Pick<ResolveInput, 'readText' | 'env'>;
}

/** The value a service itself gives a parameter; undefined: none. */
export function declaredParameter(parameter: Parameter, declarations: Declarations): Scalar | TemplateText | undefined {
  const { compose } = declarations;
  const environment = isMap(compose.environment) ? compose.environment : {};
  for (const source of parameter.from) {
    const value = source.startsWith('-') ? flagValue(commandArguments(compose.command), source) : environment[source];
    if (!(isScalar(value) || isTemplateText(value)) || value === '') continue;
    const content = source.endsWith('_FILE') ? fileValue(displayText(value), declarations) : value;
    if (content !== undefined) return content;
  }
  return undefined;
}

function flagValue(command: readonly TemplateString[], flag: string): TemplateString | undefined {
  const joined = command.find((argument) => displayText(argument).startsWith(`${flag}=`));
  if (joined !== undefined) return rewriteText(joined, (argument) => argument.slice(flag.length + 1));
  const index = command.indexOf(flag);
  return index < 0 ? undefined : command[index + 1];
}

/** The content of the Compose secret or mounted file that has this path in the container. */
function fileValue(path: string, { compose, secrets, input }: Declarations): string | undefined {
  const name = secretAt(path, compose.secrets);
  const secret = name === undefined ? undefined : secrets[name];
  if (isMap(secret) && typeof secret.environment === 'string')
    return withoutNewline(input.env[secret.environment] ?? null);
  const file = isMap(secret) ? secret.file : mountedAt(path, compose.volumes);
  return typeof file === 'string' ? withoutNewline(input.readText(file)) : undefined;
}

const withoutNewline = (text: string | null): string | undefined => text?.replace(/\r?\n$/, '');

/** docs.docker.com/reference/compose-file/services/#secrets: `/run/secrets/<name>`, or the long form's `target`. */
function secretAt(path: string, used: TemplateTree | undefined): string | undefined {
  for (const entry of Array.isArray(used) ? (used as readonly TemplateTree[]) : []) {
    const source = isMap(entry) ? displayText(entry.source ?? '') : displayText(entry);
    const target = isMap(entry) && typeof entry.target === 'string' ? entry.target : source;
    if (posix.resolve('/run/secrets', target) === path) return source;
  }
  return undefined;
}

function mountedAt(path: string, volumes: TemplateTree | undefined): TemplateTree | undefined {
  const mount = (Array.isArray(volumes) ? (volumes as readonly TemplateTree[]) : []).find(
    (entry) => isMap(entry) && entry.type === 'bind' && entry.target === path,
  );
  return isMap(mount) ? mount.source : undefined;
}
