import type { Json, JsonMap, Parameter, Scalar, Template } from '../environment.js';
import { EnvctlError, suggest } from '../errors.js';
import { escapeText, renderText } from '../references.js';
import type { ResolveInput } from './input.js';
import { isMap, type Merged, mergeMaps } from './merge.js';
import { isScalar, typed } from './parameters.js';
import { commandWords, recognise } from './recognise.js';
import { type Scope, substitute } from './substitute.js';

/** A written service together with what its template says. */
export interface Expanded {
  readonly name: string;
  readonly template: Template | null;
  /** Recognised by its image instead of named by the profile: only protocol, port, gate and connection are the template's. */
  readonly adopted: boolean;
  /** `with.*`, literal values. */
  readonly with: Readonly<Record<string, Scalar>>;
  /** envctl's words of the service. */
  readonly own: JsonMap;
  /** Compose's words, the template's block below the service's own. */
  readonly compose: JsonMap;
}

/** Service keys that are envctl's; `ports` as a list is Compose's. */
export const ownKeys = ['template', 'with', 'port', 'ports', 'ready', 'seed', 'once', 'process', 'timeout', 'keep'] as const;

/** Splits a service into our words and Compose's and puts its template below. Throws TEMPLATE_UNKNOWN, PARAMETER_INVALID. */
export function expandService(name: string, merged: Merged, context: { input: ResolveInput; scope: Scope }): Expanded {
  const services = merged.value.services as JsonMap;
  const written = services[name] as JsonMap;
  const { own, compose } = splitKeys(written);
  const template = templateOf(name, own, { compose, merged, input: context.input });
  if (!template.value) return { name, template: null, adopted: false, with: {}, own: withScope(own, {}, context.scope, name), compose };
  const values = withValues(name, template.value, { ...context, own, compose, merged, adopted: template.adopted });
  const service = template.adopted ? {} : (substitute(template.value.service, { ...context.scope, with: asText(values) }) as JsonMap);
  const mine = withScope(compose, asText(values), context.scope, name);
  return {
    name,
    template: template.value,
    adopted: template.adopted,
    with: values,
    own: withScope(own, asText(values), context.scope, name),
    compose: mergeMaps(service, mine),
  };
}

const withScope = (value: JsonMap, values: Readonly<Record<string, Scalar>>, scope: Scope, name: string): JsonMap =>
  substitute(value, { ...scope, with: values }, ['services', name]) as JsonMap;

function splitKeys(written: JsonMap): { own: JsonMap; compose: JsonMap } {
  const isOwn = ([key, value]: [string, Json]): boolean => (ownKeys as readonly string[]).includes(key) && !(key === 'ports' && Array.isArray(value));
  const entries = Object.entries(written);
  return { own: Object.fromEntries(entries.filter(isOwn)), compose: Object.fromEntries(entries.filter((entry) => !isOwn(entry))) };
}

interface TemplateContext {
  readonly compose: JsonMap;
  readonly merged: Merged;
  readonly input: ResolveInput;
}

function templateOf(name: string, own: JsonMap, { compose, merged, input }: TemplateContext): { value: Template | undefined; adopted: boolean } {
  if (typeof own.template !== 'string') return { value: recognise(compose, input.templates), adopted: true };
  const value = input.templates.get(own.template);
  if (value) return { value, adopted: false };
  throw new EnvctlError('TEMPLATE_UNKNOWN', `service "${name}" names a template "${own.template}" that does not exist`, {
    hint: `${suggest(own.template, [...input.templates.keys()])} A project's own templates stand in .envctl/templates/.`,
    position: merged.position(['services', name, 'template']),
  });
}

interface WithContext {
  readonly input: ResolveInput;
  readonly scope: Scope;
  readonly own: JsonMap;
  readonly compose: JsonMap;
  readonly merged: Merged;
  readonly adopted: boolean;
}

function withValues(name: string, template: Template, context: WithContext): Readonly<Record<string, Scalar>> {
  const given = isMap(context.own.with) ? context.own.with : {};
  for (const key of Object.keys(given)) if (!(key in template.parameters)) throw unknownWith(name, key, { template, merged: context.merged });
  const values: Record<string, Scalar> = {};
  for (const [key, parameter] of Object.entries(template.parameters)) {
    const at = context.merged.position(['services', name, 'with', key]);
    const raw = rawValue(key, parameter, { ...context, given, name });
    const text = typeof raw === 'string' ? substitute(raw, { ...context.scope, with: asText(values) }) : raw;
    const literal = typeof text === 'string' ? renderText(text, { owners: context.scope.owners, at }, () => refuseReference(name, key, at)) : text;
    values[key] = typed(isScalar(literal) ? literal : '', context.adopted ? { ...parameter, values: null } : parameter, { name: `${name}.with.${key}`, at });
  }
  return values;
}

/** `with` beats what the service's own environment says, which beats the default; an adopted image does what it does without them. */
function rawValue(key: string, parameter: Parameter, context: WithContext & { given: JsonMap; name: string }): Scalar {
  const written = context.given[key];
  if (isScalar(written)) return written;
  const said = saidBy(parameter, context);
  if (said !== undefined) return said;
  if (context.adopted) return parameter.absent ?? (parameter.secret ? '' : (parameter.default ?? ''));
  if (parameter.default !== null) return parameter.default;
  return parameter.secret ? escapeText(context.input.secret(context.name, key)) : '';
}

/** What the service itself says: a variable, a file named by a `*_FILE` variable, or a flag of its command. */
function saidBy(parameter: Parameter, context: WithContext): Scalar | undefined {
  const environment = isMap(context.compose.environment) ? context.compose.environment : {};
  for (const source of parameter.from) {
    const value = source.startsWith('-') ? flagValue(commandWords(context.compose.command), source) : environment[source];
    if (!isScalar(value) || value === '') continue;
    return source.endsWith('_FILE') ? fileValue(String(value), context) : value;
  }
  return undefined;
}

function flagValue(command: readonly string[], flag: string): string | undefined {
  const joined = command.find((word) => word.startsWith(`${flag}=`));
  const index = command.indexOf(flag);
  return joined?.slice(flag.length + 1) ?? (index < 0 ? undefined : command[index + 1]);
}

/** The container's path of a Compose secret leads to the file on this host. */
function fileValue(path: string, { merged, input }: WithContext): string | undefined {
  const secrets = isMap(merged.value.secrets) ? merged.value.secrets : {};
  const secret = secrets[path.split('/').at(-1) ?? ''];
  const file = isMap(secret) && typeof secret.file === 'string' ? secret.file : null;
  const text = file === null ? null : input.readText(file);
  return text === null ? undefined : escapeText(text.replace(/\r?\n$/, ''));
}

const asText = (values: Readonly<Record<string, Scalar>>): Readonly<Record<string, Scalar>> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, typeof value === 'string' ? escapeText(value) : value]));

function refuseReference(name: string, key: string, position: ReturnType<Merged['position']>): never {
  throw new EnvctlError('PARAMETER_INVALID', `${name}.with.${key} refers to another service`, {
    hint: 'Template parameters are plain values; write the reference into the service’s own environment.',
    position,
  });
}

function unknownWith(name: string, key: string, { template, merged }: { template: Template; merged: Merged }): EnvctlError {
  return new EnvctlError('PARAMETER_INVALID', `template "${template.name}" has no parameter "${key}"`, {
    hint: suggest(key, Object.keys(template.parameters)),
    position: merged.position(['services', name, 'with', key]),
  });
}
