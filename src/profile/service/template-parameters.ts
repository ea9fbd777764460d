/** Values of a template's parameters for one service. */

import { EnvctlError, suggest } from '../../model/errors.js';
import type { JsonMap, Scalar } from '../../model/json.js';
import { isMap } from '../../model/json.js';
import type { Parameter, Position, Template } from '../../model/profile.js';
import type { Merged } from '../layers/merge.js';
import { escapeText, renderText } from '../references/grammar.js';
import { type Scope, substitute } from '../references/substitute.js';
import type { ResolveInput } from '../resolve-input.js';
import { type DeclaredParameter, declaredParameters } from './declared-parameters.js';
import { isScalar, typed } from './parameters.js';

export interface WithContext {
  readonly name: string;
  readonly template: Template;
  /** Recognised by its image: nothing is generated, since the image does what it does. */
  readonly adopted: boolean;
  /** `with:` as written. */
  readonly given: JsonMap;
  /** Compose's words of the service, where an adopted image is told its parameters. */
  readonly compose: JsonMap;
  readonly merged: Merged;
  readonly input: ResolveInput;
  readonly scope: Scope;
}

/** Literal values by name. `with` beats what the service's own environment says, which beats the default. Throws PARAMETER_INVALID. */
export function withValues(context: WithContext): Readonly<Record<string, Scalar>> {
  const { name, template, given, merged } = context;
  const position = (key: string): Position => merged.position(['services', name, 'with', key]);
  for (const key of Object.keys(given))
    if (!Object.hasOwn(template.parameters, key)) throw unknownWith(key, template, position(key));
  const values: Record<string, Scalar> = {};
  for (const [key, parameter] of Object.entries(template.parameters)) {
    const raw = rawValue(key, parameter, context);
    const allowed = context.adopted ? { ...parameter, values: null } : parameter;
    values[key] = typed(literal(raw, { key, values, context, at: position(key) }), allowed, {
      name: `${name}.with.${key}`,
      at: position(key),
    });
  }
  return values;
}

/** Values as Text: a `$` in them is one. */
export const asText = (values: Readonly<Record<string, Scalar>>): Readonly<Record<string, Scalar>> =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, typeof value === 'string' ? escapeText(value) : value]),
  );

function rawValue(key: string, parameter: Parameter, context: WithContext): Scalar {
  const written = context.given[key];
  if (isScalar(written)) return written;
  const said = declaredParameters(parameter, saidIn(context));
  if (said !== undefined) return said;
  if (context.adopted) return parameter.absent ?? (parameter.secret ? '' : (parameter.default ?? ''));
  if (parameter.default !== null) return parameter.default;
  return parameter.secret ? escapeText(context.input.secret(context.name, key)) : '';
}

const saidIn = ({ compose, merged, input }: WithContext): DeclaredParameter => ({
  compose,
  secrets: isMap(merged.value.secrets) ? merged.value.secrets : {},
  input,
});

interface Raw {
  readonly key: string;
  /** Those before it, which it may name. */
  readonly values: Readonly<Record<string, Scalar>>;
  readonly context: WithContext;
  readonly at: Position;
}

function literal(raw: Scalar, { key, values, context, at }: Raw): Scalar {
  if (typeof raw !== 'string') return raw;
  const filled = substitute(raw, { ...context.scope, with: asText(values), position: () => at });
  if (typeof filled !== 'string') return isScalar(filled) ? filled : '';
  return renderText(filled, { owners: context.scope.owners, at }, () =>
    refuseReference(`${context.name}.with.${key}`, at),
  );
}

function refuseReference(name: string, position: Position): never {
  throw new EnvctlError('PARAMETER_INVALID', `${name} refers to another service`, {
    hint: 'Template parameters are plain values; write the reference into the service’s own environment.',
    position,
  });
}

function unknownWith(key: string, template: Template, position: Position): EnvctlError {
  return new EnvctlError('PARAMETER_INVALID', `template "${template.name}" has no parameter "${key}"`, {
    hint: suggest(key, Object.keys(template.parameters)),
    position,
  });
}
