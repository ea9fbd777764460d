import { EnvctlError, suggest } from '../../model/errors.js';
import { isMap, type Json, type Scalar, type TemplateMap, type TemplateTree } from '../../model/json.js';
import type { Layer, Parameter } from '../../model/profile.js';
import type { Position } from '../../model/template-text.js';
import { type Merged, mergeLayers } from '../layers/merge.js';
import { type Scope, substitute } from '../references/substitute.js';
import { displayText } from '../references/template-text.js';
import type { ResolveInput } from '../resolve-input.js';

/**
 * Values of the profile's parameters: `--set`, else `ENVCTL_PARAM_<NAME>`, else the default. A default may hold
 * variables and earlier parameters. Throws PARAMETER_INVALID for an undeclared name or a value of the wrong type.
 */
export function parameterValues(
  input: ResolveInput,
  scope: Omit<Scope, 'parameters' | 'position'>,
): Readonly<Record<string, Scalar>> {
  const { value, position } = declaredParameters(input.layers);
  const declared = isMap(value.parameters) ? value.parameters : {};
  for (const name of Object.keys(input.set))
    if (!Object.hasOwn(declared, name)) throw unknownParameter(name, Object.keys(declared));
  const values: Record<string, Scalar> = {};
  for (const [name, written] of Object.entries(declared)) {
    const at = position(['parameters', name]);
    const parameter = readParameter(written);
    const given = input.set[name] ?? input.env[`ENVCTL_PARAM_${upperName(name)}`];
    const fallback = (): Scalar =>
      filledDefault(parameter, {
        name,
        at,
        scope: { ...scope, parameters: values, position: () => position(['parameters', name, 'default']) },
      });
    values[name] = typed(given ?? fallback(), parameter, { name, at });
  }
  return values;
}

/** A bare value is a default, so a layer may change only that and keep the type and values of a lower layer. */
function declaredParameters(layers: readonly Layer[]): Merged {
  const long = (written: Json): Json => (isScalar(written) ? { default: written } : written);
  return mergeLayers(
    layers.map(({ kind, document }) => {
      const { parameters } = document.value;
      return {
        kind,
        document,
        value: isMap(parameters)
          ? { parameters: Object.fromEntries(Object.entries(parameters).map(([name, one]) => [name, long(one)])) }
          : {},
      };
    }),
  );
}

function filledDefault(
  parameter: Parameter,
  { name, at, scope }: { readonly name: string; readonly at: Position; readonly scope: Scope },
): Scalar {
  if (parameter.default === null) throw missing(name, at);
  const filled = substitute(parameter.default, scope);
  if (isScalar(filled)) return filled;
  throw new EnvctlError('PARAMETER_INVALID', `The default of parameter "${name}" refers to a service`, {
    hint: 'Parameters are plain values. Write the reference where the value is used.',
    position: scope.position([]),
  });
}

/** A parameter declaration; a bare value is its default and determines its type. */
export function readParameter(written: TemplateTree): Parameter {
  const map: TemplateMap = isMap(written) ? written : { default: written };
  const fallback = isScalar(map.default) ? map.default : null;
  const guess = typeof fallback === 'number' ? 'integer' : typeof fallback === 'boolean' ? 'boolean' : 'string';
  return {
    default: fallback,
    type: map.type === 'integer' || map.type === 'boolean' || map.type === 'string' ? map.type : guess,
    values: Array.isArray(map.values) ? map.values.filter(isScalar) : null,
    secret: map.secret === true,
    from: strings(map.from),
    absent: typeof map.absent === 'string' ? map.absent : null,
  };
}

/** `value` as the parameter's type. Throws PARAMETER_INVALID. */
export function typed(
  value: Scalar,
  parameter: Parameter,
  where: { readonly name: string; readonly at: Position },
): Scalar {
  const converted = convert(value, parameter.type);
  const allowed = parameter.values === null || parameter.values.some((one) => String(one) === String(converted));
  if (converted !== null && allowed) return converted;
  const wanted = parameter.values
    ? `one of ${parameter.values.join(', ')}`
    : `${parameter.type === 'integer' ? 'an' : 'a'} ${parameter.type}`;
  throw new EnvctlError(
    'PARAMETER_INVALID',
    `Invalid value for parameter "${where.name}": "${parameter.secret ? '•••' : value}", expected ${wanted}`,
    {
      hint: where.name.includes('.')
        ? 'Change it under `with`.'
        : `Set it with \`--set ${where.name}=<value>\`, \`ENVCTL_PARAM_${upperName(where.name)}\` or in the profile.`,
      position: where.at,
    },
  );
}

/** `my-db` → `MY_DB`, the rule for export prefixes and parameter variables. */
export const upperName = (name: string): string => name.toUpperCase().replace(/[^A-Z0-9]/g, '_');

export const isScalar = (value: unknown): value is Scalar => ['string', 'number', 'boolean'].includes(typeof value);

export const strings = (value: TemplateTree | undefined): readonly string[] =>
  value === undefined || value === null ? [] : (Array.isArray(value) ? value : [value]).map(displayText);

function convert(value: Scalar, type: Parameter['type']): Scalar | null {
  if (type === 'string') return String(value);
  if (type === 'integer')
    return /^-?\d+$/.test(String(value)) && Number.isSafeInteger(Number(value)) ? Number(value) : null;
  if (value === true || value === 'true') return true;
  return value === false || value === 'false' ? false : null;
}

function unknownParameter(name: string, known: readonly string[]): EnvctlError {
  return new EnvctlError('PARAMETER_INVALID', `This profile has no parameter "${name}"`, {
    hint: suggest(name, known),
  });
}

function missing(name: string, position: Position): EnvctlError {
  return new EnvctlError('PARAMETER_INVALID', `Parameter "${name}" has no value and no default`, {
    hint: `Set it with \`--set ${name}=<value>\` or \`ENVCTL_PARAM_${upperName(name)}\`.`,
    position,
  });
}
