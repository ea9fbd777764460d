import { EnvctlError, suggest } from '../../model/errors.js';
import type { Json, Scalar } from '../../model/json.js';
import type { Position, TemplateText } from '../../model/profile.js';
import { escapeText, type Grammar, type Part, parseText, type Reference, referenceText } from './grammar.js';

/** What variables and parameters stand for; references to services stay as they are. */
export interface Scope {
  /** Services and reserved words that references may begin with. */
  readonly owners: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly parameters: Readonly<Record<string, Scalar>>;
  /** `with.*` of the service at hand; null: not known yet, such references stay. */
  readonly with: Readonly<Record<string, Scalar>> | null;
  readonly position: (path: readonly (string | number)[]) => Position;
  /** Names that make a text a reference though no service is called so: parameters and ports of templates. */
  readonly properties?: readonly string[] | undefined;
}

/** Fills in variables, parameters and `with`, in every string below `value`. What is left are references to services. */
export function substitute(value: Json, scope: Scope, path: readonly (string | number)[] = []): Json {
  if (typeof value === 'string') return value.includes('$') ? substituteText(value, scope, path) : value;
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((child: Json, index) => substitute(child, scope, [...path, index]));
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, substitute(child as Json, scope, [...path, key])]),
  );
}

/** A value that is exactly one reference takes the type of what it names. */
function substituteText(text: TemplateText, scope: Scope, path: readonly (string | number)[]): Scalar {
  // Looking a place up takes longer than all the rest, and only an error needs it.
  const grammar: Grammar = {
    owners: scope.owners,
    properties: scope.properties,
    get at() {
      return scope.position(path);
    },
  };
  const parts = parseText(text, grammar);
  const [only] = parts;
  if (parts.length === 1 && only?.kind === 'reference') {
    const value = scalarOf(only, scope, grammar);
    if (typeof value !== 'string') return value ?? referenceText(only);
  }
  return parts.map((part) => partText(part, scope, grammar)).join('');
}

function partText(part: Part, scope: Scope, grammar: Grammar): TemplateText {
  if (part.kind === 'literal') return escapeText(part.text);
  if (part.kind === 'variable') return variableText(part, scope, grammar);
  const value = scalarOf(part, scope, grammar);
  if (value === undefined) return referenceText(part);
  return escapesItself(part) ? String(value) : escapeText(String(value));
}

/** Parameters of templates are Text already: a profile may write a reference into them. */
const escapesItself = (part: Reference): boolean => part.owner === 'with';

/** undefined: a reference that is filled in later. */
function scalarOf(reference: Reference, scope: Scope, grammar: Grammar): Scalar | undefined {
  const name = reference.path.join('.');
  if (reference.owner === 'parameters')
    return own(scope.parameters, name) ?? fail(reference, Object.keys(scope.parameters), grammar.at);
  if (reference.owner === 'with' && scope.with)
    return own(scope.with, name) ?? fail(reference, Object.keys(scope.with), grammar.at);
  if (reference.owner === 'env') return scope.env[name] ?? missingVariable(name, '', grammar.at);
  return undefined;
}

const own = (values: Readonly<Record<string, Scalar>>, name: string): Scalar | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined;

/** Compose's rules, but an unset variable without a default is refused instead of becoming empty. */
function variableText(part: Extract<Part, { kind: 'variable' }>, scope: Scope, grammar: Grammar): TemplateText {
  const value = scope.env[part.name];
  const counts = value !== undefined && (!part.operator.startsWith(':') || value !== '');
  const argument = (): TemplateText => part.argument.map((inner) => partText(inner, scope, grammar)).join('');
  if (part.operator.endsWith('+')) return counts ? argument() : '';
  if (counts) return escapeText(value);
  if (part.operator.endsWith('-')) return argument();
  return missingVariable(part.name, argument(), grammar.at);
}

function missingVariable(name: string, words: string, position: Position): never {
  throw new EnvctlError(
    'VARIABLE_MISSING',
    `environment variable ${name} is not set${words === '' ? '' : `: ${words}`}`,
    {
      hint: `Set ${name}, or write a default: \${${name}:-value}.`,
      position,
    },
  );
}

function fail(reference: Reference, known: readonly string[], position: Position): never {
  const declare =
    reference.owner === 'with' ? 'Only services with a template have `with`.' : 'Declare it under `parameters:` first.';
  throw new EnvctlError('REFERENCE_DANGLING', `"${referenceText(reference)}" names a parameter that does not exist`, {
    hint: known.length > 0 ? suggest(reference.path.join('.'), known) : declare,
    position,
  });
}
