/** Parsed texts: made of parts, written back, searched and filled in. */

import { EnvctlError } from '../../model/errors.js';
import type { Json, JsonMap, Scalar, TemplateMap, TemplateTree } from '../../model/json.js';
import {
  isTemplateText,
  type Position,
  type Reference,
  type TemplateString,
  type TemplateText,
  type TextPart,
  templateText,
} from '../../model/template-text.js';
import { escapeText, type Grammar, parseText, referenceText } from './grammar.js';

/** The value of a reference. */
export type ReferenceLookup = (reference: Reference, position: Position) => string;

/** The parts as one text; without a reference among them it is a plain string. */
export function textOf(parts: readonly TextPart[], position: () => Position): TemplateString {
  const joined: TextPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.kind === 'literal' && last?.kind === 'literal')
      joined[joined.length - 1] = { kind: 'literal', text: last.text + part.text };
    else if (part.kind === 'reference' || part.text !== '') joined.push(part);
  }
  const [first] = joined;
  if (first === undefined) return '';
  return joined.length === 1 && first.kind === 'literal' ? first.text : templateText(joined, position());
}

/** The textual form of a text, for labels and files: `$$` is a literal `$`, references are `${owner.path}`. */
export function formatText(text: TemplateString): string {
  if (!isTemplateText(text)) return escapeText(text);
  return text.parts.map((part) => (part.kind === 'literal' ? escapeText(part.text) : referenceText(part))).join('');
}

/** The same for every string and text below `tree`. */
export function formatTree(tree: TemplateTree): Json {
  if (typeof tree === 'string' || isTemplateText(tree)) return formatText(tree);
  if (Array.isArray(tree)) return tree.map((child: TemplateTree) => formatTree(child));
  if (typeof tree !== 'object' || tree === null) return tree;
  return Object.fromEntries(Object.entries(tree).map(([key, child]) => [key, formatTree(child as TemplateTree)]));
}

/** Reads the textual form back. An owner that is not among `owners` is accepted, because it may not run any more. */
export const readText = (text: string, owners: ReadonlySet<string>): TemplateString =>
  parseReferences(text, { owners, position: { file: 'a recorded text', line: 1, column: 1 }, unknownOwners: 'accept' });

/** Parses a text that may hold references but no variables. Throws PROFILE_INVALID. */
export function parseReferences(text: string, grammar: Grammar): TemplateString {
  if (!text.includes('$')) return text;
  const parts = parseText(text, grammar).map((part) => {
    if (part.kind !== 'variable') return part;
    throw new EnvctlError('PROFILE_INVALID', `"${text}" uses the environment variable ${part.name}`, {
      hint: 'Only `with` and `at` can be used here. Write $$ for a plain dollar sign.',
      position: grammar.position,
    });
  });
  return textOf(parts, () => grammar.position);
}

/** A scalar or text as a message shows it, and as a name is compared: references as written, `$` as itself. */
export function displayText(value: TemplateTree | undefined): string {
  if (!isTemplateText(value)) return String(value);
  return value.parts.map((part) => (part.kind === 'literal' ? part.text : referenceText(part))).join('');
}

/** A scalar as text. */
export const asText = (value: TemplateTree): TemplateString => (isTemplateText(value) ? value : String(value));

/** Whether a path begins with the side it is seen from: such a reference names an address and orders nothing. */
export const isSide = (segment: string | undefined): segment is 'inside' | 'outside' =>
  segment === 'inside' || segment === 'outside';

export interface LocatedReference {
  readonly reference: Reference;
  readonly position: Position;
}

/** Every reference in the texts anywhere below `value`. */
export function referencesIn(value: unknown): readonly LocatedReference[] {
  if (typeof value !== 'object' || value === null) return [];
  if (isTemplateText(value))
    return value.parts.flatMap((part) =>
      part.kind === 'reference' ? [{ reference: part, position: value.position }] : [],
    );
  return Object.values(value).flatMap(referencesIn);
}

/** The text with every reference filled in. */
export function fillText(text: TemplateString, lookup: ReferenceLookup): string {
  if (!isTemplateText(text)) return text;
  return text.parts.map((part) => (part.kind === 'literal' ? part.text : lookup(part, text.position))).join('');
}

/** The same for every text below `tree`. */
export function fillTree(tree: TemplateMap, lookup: ReferenceLookup): JsonMap;
export function fillTree(tree: TemplateTree, lookup: ReferenceLookup): Json;
export function fillTree(tree: TemplateTree, lookup: ReferenceLookup): Json {
  // `fillText` leaves no text behind, so what is left is plain data.
  return mapTexts(tree, (text) => fillText(text, lookup)) as Json;
}

/** `tree` with every text replaced. */
export function mapTexts(tree: TemplateTree, change: (text: TemplateText) => Scalar | TemplateText): TemplateTree {
  if (typeof tree !== 'object' || tree === null) return tree;
  if (isTemplateText(tree)) return change(tree);
  if (Array.isArray(tree)) return tree.map((child: TemplateTree) => mapTexts(child, change));
  return Object.fromEntries(Object.entries(tree).map(([key, child]) => [key, mapTexts(child as TemplateTree, change)]));
}
