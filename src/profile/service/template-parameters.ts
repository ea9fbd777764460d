/** Values of a template's parameters for one service. */

import { EnvctlError, suggest } from '../../model/errors.js';
import { isMap, type Scalar, type TemplateMap } from '../../model/json.js';
import type { Parameter, Template } from '../../model/profile.js';
import { isTemplateText, type Position, type TemplateText } from '../../model/template-text.js';
import type { Merged } from '../layers/merge.js';
import { type Scope, substitute, substituteWith } from '../references/substitute.js';
import type { ResolveInput } from '../resolve-input.js';
import { type Declarations, declaredParameter } from './declared-parameters.js';
import { isScalar, typed } from './parameters.js';

export interface WithContext {
  readonly name: string;
  readonly template: Template;
  /** Recognized by its image: nothing is generated, because the image has its own defaults. */
  readonly adopted: boolean;
  /** `with` of the service. */
  readonly given: TemplateMap;
  /** Compose keys of the service, in which an adopted image gets its parameters. */
  readonly compose: TemplateMap;
  readonly merged: Merged;
  readonly input: ResolveInput;
  readonly scope: Scope;
}

/**
 * Literal values by name: `with`, else what the service itself declares, else the default.
 * Throws PARAMETER_INVALID.
 */
export function withValues(context: WithContext): Readonly<Record<string, Scalar>> {
  const { name, template, given, merged } = context;
  const position = (key: string): Position => merged.position(['services', name, 'with', key]);
  for (const key of Object.keys(given))
    if (!Object.hasOwn(template.parameters, key)) throw unknownWith(key, template, position(key));
  const values: Record<string, Scalar> = {};
  for (const [key, parameter] of Object.entries(template.parameters)) {
    const at = position(key);
    const scope: Scope = { ...context.scope, with: values, position: () => at };
    const value = substituteWith(parameterValue(key, parameter, { ...context, scope }), scope);
    if (!isScalar(value)) throw referenceRefused(`${name}.with.${key}`, at);
    const allowed = context.adopted ? { ...parameter, values: null } : parameter;
    values[key] = typed(value, allowed, { name: `${name}.with.${key}`, at });
  }
  return values;
}

/** `with` holds the parameters before this one, which its value may refer to. */
function parameterValue(key: string, parameter: Parameter, context: WithContext): Scalar | TemplateText {
  const { given, scope, adopted } = context;
  const written = given[key];
  if (isScalar(written) || isTemplateText(written)) return written;
  const declared = declaredParameter(parameter, declarations(context));
  if (declared !== undefined) return declared;
  const usual = adopted ? (parameter.absent ?? (parameter.secret ? '' : parameter.default)) : parameter.default;
  if (usual === null) return adopted || !parameter.secret ? '' : context.input.secret(context.name, key);
  const filled = substitute(usual, scope);
  return isScalar(filled) || isTemplateText(filled) ? filled : '';
}

const declarations = ({ compose, merged, input }: WithContext): Declarations => ({
  compose,
  secrets: isMap(merged.value.secrets) ? merged.value.secrets : {},
  input,
});

function referenceRefused(name: string, position: Position): EnvctlError {
  return new EnvctlError('PARAMETER_INVALID', `Parameter "${name}" refers to another service`, {
    hint: "Template parameters are plain values. Write the reference in the service's `environment`.",
    position,
  });
}

function unknownWith(key: string, template: Template, position: Position): EnvctlError {
  return new EnvctlError('PARAMETER_INVALID', `Template "${template.name}" has no parameter "${key}"`, {
    hint: suggest(key, Object.keys(template.parameters)),
    position,
  });
}
