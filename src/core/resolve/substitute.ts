import type { Json, Position, Scalar, Text } from '../environment.js';
import { EnvctlError } from '../errors.js';
import { escapeText, type Grammar, type Part, parseText, type Reference, referenceText } from '../references.js';

/** What variables and parameters stand for; references to services stay as they are. */
export interface Scope {
  /** Services and reserved words that references may begin with. */
  readonly owners: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly parameters: Readonly<Record<string, Scalar>>;
  /** `with.*` of the service at hand; null: not known yet, such references stay. */
  readonly with: Readonly<Record<string, Scalar>> | null;
  readonly position: (path: readonly (string | number)[]) => Position;
}

/** Fills in variables, parameters and `with`, in every string below `value`. What is left are references to services. */
export function substitute(value: Json, scope: Scope, path: readonly (string | number)[] = []): Json {
  if (typeof value === 'string') return value.includes('$') ? substituteText(value, scope, path) : value;
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((child: Json, index) => substitute(child, scope, [...path, index]));
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, substitute(child as Json, scope, [...path, key])]));
}

/** A value that is exactly one reference takes the type of what it names. */
function substituteText(text: Text, scope: Scope, path: readonly (string | number)[]): Scalar {
  const grammar: Grammar = { owners: scope.owners, at: scope.position(path) };
  const parts = parseText(text, grammar);
  const [only] = parts;
  if (parts.length === 1 && only?.kind === 'reference') {
    const value = scalarOf(only, scope, grammar.at);
    if (typeof value !== 'string') return value ?? referenceText(only);
  }
  return parts.map((part) => partText(part, scope, grammar.at)).join('');
}

function partText(part: Part, scope: Scope, at: Position): Text {
  if (part.kind === 'literal') return escapeText(part.text);
  if (part.kind === 'variable') return variableText(part, scope, at);
  const value = scalarOf(part, scope, at);
  if (value === undefined) return referenceText(part);
  return escapesItself(part) ? String(value) : escapeText(String(value));
}

/** Parameters of templates are Text already: a profile may write a reference into them. */
const escapesItself = (part: Reference): boolean => part.owner === 'with';

/** undefined: a reference that is filled in later. */
function scalarOf(reference: Reference, scope: Scope, at: Position): Scalar | undefined {
  const name = reference.path.join('.');
  if (reference.owner === 'parameters') return scope.parameters[name] ?? fail(`parameters.${name}`, Object.keys(scope.parameters), at);
  if (reference.owner === 'with' && scope.with) return scope.with[name] ?? fail(`with.${name}`, Object.keys(scope.with), at);
  if (reference.owner === 'env') return scope.environment[name] ?? missingVariable(name, '', at);
  return undefined;
}

/** Compose's rules, but an unset variable without a default is refused instead of becoming empty. */
function variableText(part: Extract<Part, { kind: 'variable' }>, scope: Scope, at: Position): Text {
  const value = scope.environment[part.name];
  const counts = value !== undefined && (!part.operator.startsWith(':') || value !== '');
  const argument = (): Text => part.argument.map((inner) => partText(inner, scope, at)).join('');
  if (part.operator.endsWith('+')) return counts ? argument() : '';
  if (counts) return escapeText(value);
  if (part.operator.endsWith('-')) return argument();
  return missingVariable(part.name, argument(), at);
}

function missingVariable(name: string, words: string, position: Position): never {
  throw new EnvctlError('VARIABLE_MISSING', `environment variable ${name} is not set${words === '' ? '' : `: ${words}`}`, {
    hint: `Set ${name}, or write a default: \${${name}:-value}.`,
    position,
  });
}

function fail(name: string, known: readonly string[], position: Position): never {
  throw new EnvctlError('REFERENCE_DANGLING', `"\${${name}}" names a parameter that does not exist`, {
    hint: known.length > 0 ? `Known here: ${known.join(', ')}.` : 'Declare it under `parameters:` first.',
    position,
  });
}
