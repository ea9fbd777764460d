/**
 * The grammar of `${…}`, and the only place that reads `$$`: envctl's references first, then Compose's interpolation
 * (docs.docker.com/reference/compose-file/interpolation).
 */

import { propertyNames } from '../../model/connection.js';
import { EnvctlError, suggest } from '../../model/errors.js';
import type { Position, Reference, TextPart } from '../../model/template-text.js';

export type VariableOperator = '' | '-' | ':-' | '?' | ':?' | '+' | ':+';

/** `${NAME:-default}`, or `$NAME`. */
export interface VariablePart {
  readonly kind: 'variable';
  readonly name: string;
  readonly operator: VariableOperator;
  readonly argument: readonly ParsedPart[];
}

export type ParsedPart = TextPart | VariablePart;

/** A service may not have one of these names, because references begin with them. */
export const reservedOwners = ['parameters', 'with', 'at', 'env'] as const;

/** Owners in the texts of a connection, which are filled in per address. */
export const connectionOwners: ReadonlySet<string> = new Set(['with', 'at']);

/** Names that may follow a service's name, besides parameters and ports of templates. */
const commonProperties = [...propertyNames, 'inside', 'outside', 'database', 'user', 'password', 'version'];

/** The names by which a reference is recognized. */
export interface Grammar {
  /** Names of services, and reserved names, that references may begin with. */
  readonly owners: ReadonlySet<string>;
  /** Read only when an error needs it, because looking a position up is slow. */
  readonly position: Position;
  /** Names, besides the common ones, that only a reference ends with: parameters and ports of templates. */
  readonly properties?: readonly string[] | undefined;
  /** `refuse` unless set. `accept`: `${name.path}` is a reference even if no such owner is known. */
  readonly unknownOwners?: 'refuse' | 'accept';
}

/** Splits a text into its parts. Throws REFERENCE_DANGLING or PROFILE_INVALID at `grammar.position`. */
export function parseText(text: string, grammar: Grammar): readonly ParsedPart[] {
  const parts: ParsedPart[] = [];
  let literal = '';
  for (let index = 0; index < text.length; ) {
    const found = text[index] === '$' ? partAt(text, index, grammar) : null;
    if (found?.part) {
      if (literal !== '') parts.push({ kind: 'literal', text: literal });
      literal = '';
      parts.push(found.part);
    } else literal += found ? '$' : text[index];
    index = found ? found.end : index + 1;
  }
  if (literal !== '') parts.push({ kind: 'literal', text: literal });
  return parts;
}

/** Every reference among the parts, also in the defaults of variables. */
export function referencesAmong(parts: readonly ParsedPart[]): readonly Reference[] {
  return parts.flatMap((part) => {
    if (part.kind === 'variable') return referencesAmong(part.argument);
    return part.kind === 'reference' ? [part] : [];
  });
}

/** Writes a literal so that `parseText` reads it back unchanged. */
export const escapeText = (literal: string): string => literal.replaceAll('$', '$$$$');

/** `$$` as `$`, once: Compose's notation for a text that Compose must not interpolate. */
export const unescapeText = (text: string): string => text.replaceAll('$$', '$');

/** The first text in Compose's notation that looks like a reference, whatever its owner; null: none. */
export function referenceLikeText(text: string): string | null {
  for (const [, reference] of text.matchAll(/\$\$|(\$\{[A-Za-z0-9_-]+\.[^}]*\})/g))
    if (reference !== undefined) return reference;
  return null;
}

/** Writes a reference as a profile does. */
export const referenceText = ({ owner, path }: Reference): string => `\${${[owner, ...path].join('.')}}`;

/** The part that begins with the `$` at `index`; part null: it is a literal `$`. */
function partAt(text: string, index: number, grammar: Grammar): { part: ParsedPart | null; end: number } {
  if (text[index + 1] === '$') return { part: null, end: index + 2 };
  if (text[index + 1] === '{') {
    const close = closingBrace(text, index + 2);
    if (close < 0) throw invalid(`"${text}" opens "\${" and does not close it`, grammar.position);
    return { part: parseBraced(text.slice(index + 2, close), grammar), end: close + 1 };
  }
  const name = /^[A-Za-z_][A-Za-z0-9_]*/.exec(text.slice(index + 1))?.[0];
  if (name === undefined) return { part: null, end: index + 1 };
  return { part: { kind: 'variable', name, operator: '', argument: [] }, end: index + 1 + name.length };
}

function closingBrace(text: string, from: number): number {
  let depth = 1;
  for (let index = from; index < text.length; index++) {
    if (text[index] === '}' && --depth === 0) return index;
    if (text[index] === '$' && text[index + 1] === '{') depth++;
  }
  return -1;
}

function parseBraced(inner: string, grammar: Grammar): ParsedPart {
  const owner = ownerOf(inner, grammar);
  if (owner !== undefined) return { kind: 'reference', owner, path: inner.slice(owner.length + 1).split('.') };
  const match = /^([A-Za-z_][A-Za-z0-9_]*)(:?[-?+])?([\s\S]*)$/.exec(inner);
  const [, name, operator, argument] = match ?? [];
  if (name === undefined || (operator === undefined && argument !== ''))
    throw invalid(`"\${${inner}}" is neither a reference nor a variable`, grammar.position);
  return {
    kind: 'variable',
    name,
    operator: (operator ?? '') as VariableOperator,
    argument: parseText(argument ?? '', grammar),
  };
}

/** The longest owner before a dot, so that a service `my-db` beats a variable `my` with a default. */
function ownerOf(inner: string, grammar: Grammar): string | undefined {
  for (let dot = inner.lastIndexOf('.'); dot > 0; dot = inner.lastIndexOf('.', dot - 1)) {
    const owner = inner.slice(0, dot);
    if (grammar.owners.has(owner)) return owner;
  }
  const unknown = unknownOwner(inner, grammar);
  if (unknown === undefined || grammar.unknownOwners === 'accept') return unknown;
  throw dangling(inner, unknown, grammar);
}

/** `${HOST-example.com}` is a variable with a default, unless it ends like a reference. */
function unknownOwner(inner: string, grammar: Grammar): string | undefined {
  const [, owner, path] = /^([A-Za-z0-9_-]+)((?:\.[A-Za-z0-9_-]+)+)$/.exec(inner) ?? [];
  if (owner === undefined || path === undefined || !owner.includes('-')) return owner;
  const last = path.slice(path.lastIndexOf('.') + 1);
  return commonProperties.includes(last) || grammar.properties?.includes(last) ? owner : undefined;
}

function dangling(inner: string, owner: string, { owners, position }: Grammar): EnvctlError {
  const services = [...owners].filter((name) => !(reservedOwners as readonly string[]).includes(name));
  return new EnvctlError(
    'REFERENCE_DANGLING',
    `"\${${inner}}" refers to a service "${owner}" that this profile does not have`,
    { hint: suggest(owner, services), position },
  );
}

function invalid(message: string, position: Position): EnvctlError {
  return new EnvctlError('PROFILE_INVALID', message, {
    hint: 'Write `${service.url}` for a service, `${NAME:-default}` for a variable and `$$` for a dollar sign.',
    position,
  });
}
