/**
 * The one grammar of `${…}`: envctl's references first, else Compose's interpolation
 * (docs.docker.com/reference/compose-file/interpolation). `$$` is a literal `$`.
 */

import { EnvctlError, suggest } from '../../model/errors.js';
import type { Json } from '../../model/json.js';
import type { Position, TemplateText } from '../../model/profile.js';

export type Part =
  | { readonly kind: 'literal'; readonly text: string }
  /** `${owner.path}`: owner is a service or one of the reserved words. */
  | { readonly kind: 'reference'; readonly owner: string; readonly path: readonly string[] }
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly operator: Operator;
      readonly argument: readonly Part[];
    };
type Operator = '' | '-' | ':-' | '?' | ':?' | '+' | ':+';
export type Reference = Extract<Part, { kind: 'reference' }>;

/** Words a service may not be called, because references begin with them. */
export const reservedOwners = ['parameters', 'with', 'at', 'env'] as const;

/** What may follow a service's name; template parameters may too. */
const commonProperties = [
  'url',
  'urls',
  'host',
  'port',
  'inside',
  'outside',
  'env',
  'database',
  'user',
  'password',
  'version',
];

/** What `parseText` needs to tell a reference from a variable. */
export interface Grammar {
  readonly owners: readonly string[];
  readonly at: Position;
  /** Names beside the common ones that only a reference would end with: parameters and ports of templates. */
  readonly properties?: readonly string[] | undefined;
}

/** Splits a text into its parts. Throws REFERENCE_DANGLING or PROFILE_INVALID at `grammar.at`. */
export function parseText(text: TemplateText, grammar: Grammar): readonly Part[] {
  const parts: Part[] = [];
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

/** The references in any data. Variables are looked through. */
export function referencesIn(value: Json, grammar: Grammar): readonly Reference[] {
  if (typeof value === 'string') return value.includes('$') ? parseText(value, grammar).flatMap(referencesOfPart) : [];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap((child: Json) => referencesIn(child, grammar));
}

/** `$` doubled, so that a value can stand in a Text. */
export const escapeText = (value: string): TemplateText => value.replaceAll('$', '$$$$');

/** Fills in every reference; variables must be gone by then. */
export function renderText(text: TemplateText, grammar: Grammar, lookup: (reference: Reference) => string): string {
  if (!text.includes('$')) return text;
  return parseText(text, grammar)
    .map((part) => {
      if (part.kind === 'literal') return part.text;
      if (part.kind === 'reference') return lookup(part);
      throw new Error(`variable ${part.name} was not substituted at ${grammar.at.file}:${grammar.at.line}`);
    })
    .join('');
}

/** Writes a reference back as Text. */
export const referenceText = (reference: Reference): TemplateText =>
  `\${${[reference.owner, ...reference.path].join('.')}}`;

function referencesOfPart(part: Part): readonly Reference[] {
  if (part.kind === 'reference') return [part];
  return part.kind === 'variable' ? part.argument.flatMap(referencesOfPart) : [];
}

/** The part that begins with the `$` at `index`; part null: it is a literal `$`. */
function partAt(text: string, index: number, grammar: Grammar): { part: Part | null; end: number } {
  if (text[index + 1] === '$') return { part: null, end: index + 2 };
  if (text[index + 1] === '{') {
    const close = closingBrace(text, index + 2);
    if (close < 0) throw invalid(`"${text}" opens "\${" and never closes it`, grammar.at);
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

function parseBraced(inner: string, grammar: Grammar): Part {
  const owner = ownerOf(inner, grammar.owners);
  if (owner !== undefined) return { kind: 'reference', owner, path: inner.slice(owner.length + 1).split('.') };
  refuseDangling(inner, grammar);
  const match = /^([A-Za-z_][A-Za-z0-9_]*)(:?[-?+])?([\s\S]*)$/.exec(inner);
  const [, name, operator, argument] = match ?? [];
  if (name === undefined || (operator === undefined && argument !== ''))
    throw invalid(`"\${${inner}}" is neither a reference nor a variable`, grammar.at);
  return {
    kind: 'variable',
    name,
    operator: (operator ?? '') as Operator,
    argument: parseText(argument ?? '', grammar),
  };
}

/** The longest owner that stands before a dot, so that a service called `my-db` beats a variable `my` with a default. */
function ownerOf(inner: string, owners: readonly string[]): string | undefined {
  for (let dot = inner.lastIndexOf('.'); dot > 0; dot = inner.lastIndexOf('.', dot - 1)) {
    const owner = inner.slice(0, dot);
    if (owners.includes(owner)) return owner;
  }
  return undefined;
}

function refuseDangling(inner: string, grammar: Grammar): void {
  const match = /^([A-Za-z0-9_-]+)((?:\.[A-Za-z0-9_-]+)+)$/.exec(inner);
  if (!match?.[1] || !match[2]) return;
  const last = match[2].slice(match[2].lastIndexOf('.') + 1);
  if (match[1].includes('-') && !commonProperties.includes(last) && !grammar.properties?.includes(last)) return;
  const known = grammar.owners.filter((owner) => !(reservedOwners as readonly string[]).includes(owner));
  throw new EnvctlError(
    'REFERENCE_DANGLING',
    `"\${${inner}}" refers to a service "${match[1]}" that this profile does not have`,
    {
      hint: suggest(match[1], known),
      position: grammar.at,
    },
  );
}

function invalid(message: string, position: Position): EnvctlError {
  return new EnvctlError('PROFILE_INVALID', message, {
    hint: 'Write ${service.url} for a service, ${NAME:-default} for a variable, and $$ for a plain dollar sign.',
    position,
  });
}
