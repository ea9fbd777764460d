/** All layers as one: variables and parameters filled in, long forms, merged. */

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

/** The names that references can use; `with` differs by service. Throws PARAMETER_INVALID. */
export function scopeOf(input: ResolveInput): Scope {
  const written = mergeLayers(input.layers.map(({ kind, document }) => ({ kind, document, value: document.value })));
  const names = {
    owners: new Set([...Object.keys(servicesOf(written)), ...reservedOwners]),
    env: input.env,
    with: null,
  };
  return { ...names, parameters: parameterValues(input, names), position: written.position };
}

const meant = ['summary', 'services', 'exports', 'networks', 'volumes', 'configs', 'secrets'];

/** Substitutes and normalizes each layer, then merges them. Throws the errors of both. */
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
 * `NAME:` without a value takes it from the user's environment, as in Compose, or is omitted if unset.
 * Throws PROFILE_INVALID for a value that is not a text.
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
  return new EnvctlError('PROFILE_INVALID', `The environment variable ${name} is not a text`, {
    hint: 'Write one value; JSON goes in quotes.',
    position,
  });
}
