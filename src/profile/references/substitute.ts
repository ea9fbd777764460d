import { EnvctlError, suggest } from '../../model/errors.js';
import type { Json, JsonMap, Scalar, TemplateMap, TemplateTree } from '../../model/json.js';
import type { Position, Reference, TemplateText, TextPart } from '../../model/template-text.js';
import { type ParsedPart, parseText, referenceText, type VariablePart } from './grammar.js';
import { mapTexts, textOf } from './template-text.js';

type ParameterValues = Readonly<Record<string, Scalar>>;

/** The values of variables and parameters. References to services stay references. */
export interface Scope {
  /** Services and reserved names that references may begin with. */
  readonly owners: ReadonlySet<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly parameters: ParameterValues;
  /** `with.*` of one service; null: not known yet, such references stay. */
  readonly with: ParameterValues | null;
  readonly position: (path: readonly (string | number)[]) => Position;
  /** Names that only a reference ends with: parameters and ports of templates. */
  readonly properties?: readonly string[] | undefined;
}

/** Parses every string below `value` and fills in variables, parameters and `with`. */
export function substitute(value: JsonMap, scope: Scope, path?: readonly (string | number)[]): TemplateMap;
export function substitute(value: Json, scope: Scope, path?: readonly (string | number)[]): TemplateTree;
export function substitute(value: Json, scope: Scope, path: readonly (string | number)[] = []): TemplateTree {
  if (typeof value === 'string') return value.includes('$') ? substituteText(value, scope, path) : value;
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((child: Json, index) => substitute(child, scope, [...path, index]));
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, substitute(child as Json, scope, [...path, key])]),
  );
}

/** Fills in `with` in a tree that was parsed before its service's parameters were known. */
export function substituteWith(tree: TemplateMap, scope: Scope): TemplateMap;
export function substituteWith(tree: TemplateTree, scope: Scope): TemplateTree;
export function substituteWith(tree: TemplateTree, scope: Scope): TemplateTree {
  return mapTexts(tree, ({ parts, position }) => fill(parts, scope, () => position));
}

function substituteText(text: string, scope: Scope, path: readonly (string | number)[]): Scalar | TemplateText {
  const position = (): Position => scope.position(path);
  const grammar = {
    owners: scope.owners,
    properties: scope.properties,
    get position() {
      return position();
    },
  };
  return fill(parseText(text, grammar), scope, position);
}

/** A text that is exactly one reference takes the type of its value. */
function fill(parts: readonly ParsedPart[], scope: Scope, position: () => Position): Scalar | TemplateText {
  const [only] = parts;
  const value = parts.length === 1 && only?.kind === 'reference' ? referenceValue(only, scope, position) : undefined;
  return value ?? textOf(filled(parts, scope, position), position);
}

function filled(parts: readonly ParsedPart[], scope: Scope, position: () => Position): readonly TextPart[] {
  return parts.flatMap((part): readonly TextPart[] => {
    if (part.kind === 'literal') return [part];
    if (part.kind === 'variable') return variableParts(part, scope, position);
    const value = referenceValue(part, scope, position);
    return [value === undefined ? part : literal(String(value))];
  });
}

const literal = (text: string): TextPart => ({ kind: 'literal', text });

/** undefined: the reference is filled in later. */
function referenceValue(reference: Reference, scope: Scope, position: () => Position): Scalar | undefined {
  const name = reference.path.join('.');
  if (reference.owner === 'parameters') return parameterOf(reference, scope.parameters, position);
  if (reference.owner === 'with' && scope.with) return parameterOf(reference, scope.with, position);
  if (reference.owner === 'env') return scope.env[name] ?? missingVariable(name, '', position);
  return undefined;
}

/** Compose's rules, but an unset variable without a default is refused instead of becoming empty. */
function variableParts(
  { name, operator, argument }: VariablePart,
  scope: Scope,
  position: () => Position,
): readonly TextPart[] {
  const value = scope.env[name];
  const counts = value !== undefined && (!operator.startsWith(':') || value !== '');
  const filledArgument = (): readonly TextPart[] => filled(argument, scope, position);
  if (operator.endsWith('+')) return counts ? filledArgument() : [];
  if (counts) return [literal(value)];
  if (operator.endsWith('-')) return filledArgument();
  return missingVariable(name, filledArgument().map(shown).join(''), position);
}

const shown = (part: TextPart): string => (part.kind === 'literal' ? part.text : referenceText(part));

function missingVariable(name: string, reason: string, position: () => Position): never {
  throw new EnvctlError(
    'VARIABLE_MISSING',
    `Environment variable ${name} is not set${reason === '' ? '' : `: ${reason}`}`,
    { hint: `Set ${name}, or write a default: \`\${${name}:-value}\`.`, position: position() },
  );
}

function parameterOf(reference: Reference, values: ParameterValues, position: () => Position): Scalar {
  const name = reference.path.join('.');
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value !== undefined) return value;
  const known = Object.keys(values);
  const declare =
    reference.owner === 'with' ? 'Only services with a template have `with`.' : 'Declare it under `parameters`.';
  throw new EnvctlError(
    'REFERENCE_DANGLING',
    `"${referenceText(reference)}" refers to a parameter that does not exist`,
    {
      hint: known.length > 0 ? suggest(name, known) : declare,
      position: position(),
    },
  );
}
