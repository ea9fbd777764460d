/** Merges the layers of a profile, with variables and parameters filled in and short forms expanded. */

import { EnvctlError } from '../../model/errors.js';
import { isMap, type TemplateMap } from '../../model/json.js';
import type { Position } from '../../model/template-text.js';
import { reservedOwners } from '../references/grammar.js';
import { type Scope, substitute } from '../references/substitute.js';
import type { ResolveInput } from '../resolve-input.js';
import { parameterValues } from '../service/parameters.js';
import { type Merged, mergeLayers } from './merge.js';
import { normalizeLayer } from './normalize.js';
import { passed } from './short-forms.js';

/**
 * The values of parameters and variables, and the names that references may begin with.
 * References can be parsed from here on: telling `${a-b.url}` from a variable needs the names of all services.
 * Throws PARAMETER_INVALID.
 */
export function scopeOf(input: ResolveInput): Scope {
  const written = mergeLayers(input.layers.map(({ kind, document }) => ({ kind, document, value: document.value })));
  const names = {
    owners: new Set([...Object.keys(servicesOf(written)), ...reservedOwners]),
    properties: [...input.templates.values()].flatMap(({ parameters, ports }) => [
      ...Object.keys(parameters),
      ...Object.keys(ports),
    ]),
    env: input.env,
    with: null,
  };
  return { ...names, parameters: parameterValues(input, names), position: written.position };
}

const meant = ['summary', 'services', 'exports', 'networks', 'volumes', 'configs', 'secrets'];

/** Parses the texts of each layer, expands its short forms and merges all layers. Throws EnvctlError at a position. */
export function mergedProfile(input: ResolveInput, scope: Scope): Merged {
  const surroundings = { project: input.instance.project, realPath: input.realPath ?? ((path: string) => path) };
  const layers = input.layers.map(({ kind, document }) => {
    const value = Object.fromEntries(Object.entries(document.value).filter(([key]) => meant.includes(key)));
    const filled = substitute(value, { ...scope, position: document.position });
    return normalizeLayer({ kind, document }, filled, surroundings);
  });
  const merged = mergeLayers(layers);
  return { ...merged, value: { ...merged.value, services: passThrough(merged, input.env) } };
}

export const servicesOf = ({ value }: Pick<Merged, 'value'>): TemplateMap =>
  isMap(value.services) ? value.services : {};

/**
 * `NAME:` without a value takes the value of the user's variable, as in Compose; it is left out if that is not set.
 * Throws PROFILE_INVALID for lists and maps.
 */
function passThrough(merged: Merged, variables: ResolveInput['env']): TemplateMap {
  return Object.fromEntries(
    Object.entries(servicesOf(merged)).map(([service, written]) => {
      if (!isMap(written) || !isMap(written.environment)) return [service, written];
      const environment = Object.entries(written.environment).flatMap(([name, value]) => {
        if (Array.isArray(value) || (isMap(value) && value.from !== passed.from))
          throw notText(name, merged.position(['services', service, 'environment', name]));
        if (value !== null && !isMap(value)) return [[name, value] as const];
        const given = variables[name];
        return given === undefined ? [] : [[name, given] as const];
      });
      return [service, { ...written, environment: Object.fromEntries(environment) }];
    }),
  );
}

function notText(name: string, position: Position): EnvctlError {
  return new EnvctlError('PROFILE_INVALID', `Environment variable ${name} must be a string`, {
    hint: 'Write a single value, and put JSON in quotes.',
    position,
  });
}
