/** From written layers to what is meant: a list of named passes. */
import type { Environment, JsonMap, Text } from '../environment.js';
import { EnvctlError } from '../errors.js';
import { referencesIn, reservedOwners } from '../references.js';
import { expandService } from './expand.js';
import type { ResolveInput } from './input.js';
import { isMap, type Merged, mergeLayers } from './merge.js';
import { addNeeds, inStartOrder } from './needs.js';
import { normaliseLayer } from './normalise.js';
import { parameterValues, strings, upperName } from './parameters.js';
import { processNotices } from './process-keys.js';
import { checkReferences } from './references.js';
import { selectServices } from './select.js';
import { type Draft, readService } from './services.js';
import { type Scope, substitute } from './substitute.js';

/**
 * Throws EnvctlError with the place in the profile for anything that cannot be meant; touches nothing.
 * The result is in start order and complete but for what only an image can say.
 */
export function resolveEnvironment(input: ResolveInput): Environment {
  const written = mergeLayers(input.layers.map((layer) => normaliseLayer(layer, input.instance.project)));
  checkNames(written);
  const scope = scopeOf(written, input);
  const merged = substituted(written, scope);
  const drafts = readServices(merged, { input, scope });
  const all = addNeeds(drafts);
  const exports = readExports(merged);
  checkReferences(all, exports, (name) => merged.position(['exports', name]));
  const selected = selectServices(inStartOrder(all), input.selection, composeProfiles(merged));
  const chosen = new Set(selected.services.map((service) => service.name));
  return {
    ...input.instance,
    summary: typeof merged.value.summary === 'string' ? merged.value.summary : '',
    storage: input.storage,
    services: selected.services,
    declared: all.map((service) => service.name),
    absent: all.filter((service) => !chosen.has(service.name)),
    exports: keepExports(exports, all.map((service) => service.name), chosen),
    compose: topLevelCompose(merged),
    notices: [...drafts.filter((draft) => chosen.has(draft.name)).flatMap((draft) => draft.notices), ...selected.notices, ...processNotices(written, input, selected.services)],
  };
}

/** At least one service, with names that Compose and references can carry. */
function checkNames(merged: Merged): void {
  const names = Object.keys(isMap(merged.value.services) ? merged.value.services : {});
  if (names.length === 0) throw invalid('this profile has no services', merged, { path: [], hint: 'Add at least one under `services:`.' });
  const prefixes = new Map<string, string>();
  for (const name of names) {
    const path = ['services', name];
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name)) throw invalid(`"${name}" cannot be a service’s name`, merged, { path, hint: 'Use letters, digits, dashes and underscores, beginning with a letter or digit.' });
    if ((reservedOwners as readonly string[]).includes(name)) throw invalid(`a service may not be called "${name}", because references begin with it`, merged, { path, hint: `Rename it, for example "${name}-service".` });
    const twin = prefixes.get(upperName(name));
    if (twin !== undefined) throw invalid(`"${twin}" and "${name}" would both be exported as ${upperName(name)}_URL`, merged, { path, hint: 'Rename one of them.' });
    prefixes.set(upperName(name), name);
  }
}

function scopeOf(merged: Merged, input: ResolveInput): Scope {
  const services = isMap(merged.value.services) ? Object.keys(merged.value.services) : [];
  return {
    owners: [...services, ...reservedOwners],
    environment: input.environment,
    parameters: parameterValues(merged, input),
    with: null,
    position: merged.position,
  };
}

function substituted(merged: Merged, scope: Scope): Merged {
  const { parameters: _, ...rest } = merged.value;
  return { value: substitute(passThrough(rest), scope) as JsonMap, position: merged.position };
}

/** `NAME:` without a value takes it from the user's environment, as in Compose; unset, it is left out. */
function passThrough(value: JsonMap): JsonMap {
  const services = isMap(value.services) ? value.services : {};
  const filled = Object.entries(services).map(([name, service]) => {
    if (!isMap(service) || !isMap(service.environment)) return [name, service] as const;
    const environment = Object.entries(service.environment).map(([key, text]) => [key, text ?? `\${${key}-}`]);
    return [name, { ...service, environment: Object.fromEntries(environment) }] as const;
  });
  return { ...value, services: Object.fromEntries(filled.map(([name, service]) => [name, service ?? {}])) };
}

function readServices(merged: Merged, context: { input: ResolveInput; scope: Scope }): readonly Draft[] {
  const services = isMap(merged.value.services) ? merged.value.services : {};
  const names = Object.keys(services);
  const jobs = awaitedJobs(services);
  return names.map((name) => readService(expandService(name, merged, context), { merged, input: context.input, services: names, jobs }));
}

function awaitedJobs(services: JsonMap): ReadonlySet<string> {
  const jobs = Object.values(services).flatMap((service) => {
    const dependsOn = isMap(service) && isMap(service.depends_on) ? service.depends_on : {};
    return Object.entries(dependsOn).flatMap(([name, value]) => (isMap(value) && value.condition === 'service_completed_successfully' ? [name] : []));
  });
  return new Set(jobs);
}

function composeProfiles(merged: Merged): ReadonlyMap<string, readonly string[]> {
  const services = isMap(merged.value.services) ? merged.value.services : {};
  return new Map(Object.entries(services).map(([name, service]) => [name, isMap(service) ? strings(service.profiles) : []]));
}

function readExports(merged: Merged): Readonly<Record<string, Text>> {
  const exports = isMap(merged.value.exports) ? merged.value.exports : {};
  for (const name of Object.keys(exports)) {
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) continue;
    throw invalid(`"${name}" cannot be the name of an environment variable`, merged, { path: ['exports', name], hint: 'Use letters, digits and underscores, not beginning with a digit.' });
  }
  return Object.fromEntries(Object.entries(exports).map(([name, text]) => [name, String(text)]));
}

/** An export that needs a service left out of this run is left out with it. */
function keepExports(exports: Readonly<Record<string, Text>>, all: readonly string[], chosen: ReadonlySet<string>): Readonly<Record<string, Text>> {
  const grammar = { owners: [...all, ...reservedOwners], at: { file: '', line: 1, column: 1 } };
  const whole = ([, text]: [string, Text]): boolean => referencesIn(text, grammar).every((reference) => chosen.has(reference.owner));
  return Object.fromEntries(Object.entries(exports).filter(whole));
}

function topLevelCompose(merged: Merged): JsonMap {
  const keys = ['networks', 'volumes', 'configs', 'secrets'];
  return Object.fromEntries(Object.entries(merged.value).filter(([key, value]) => keys.includes(key) && isMap(value)));
}

function invalid(message: string, merged: Merged, { path, hint }: { path: readonly string[]; hint: string }): EnvctlError {
  return new EnvctlError('PROFILE_INVALID', message, { hint, position: merged.position(path) });
}

