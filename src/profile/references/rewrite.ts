import { isMap, type Json, type TemplateTree } from '../../model/json.js';
import { splitCommandLine } from '../../model/split-command-line.js';
import type { TemplateString, TextPart } from '../../model/template-text.js';
import { referenceText } from './grammar.js';
import { asText, displayText, fillTree, type LocatedReference, textOf } from './template-text.js';

/** Unicode noncharacters: no text of a profile has a meaning for them. */
const [start, end] = ['\uFDD0', '\uFDD1'];

/**
 * Applies a rewrite that only knows plain strings, for example one that splits `NAME=value`, to texts with references:
 * to the rewrite a reference is an opaque run of characters, and wherever that run ends up the reference is again.
 */
export function rewriteTexts(tree: TemplateTree, rewrite: (plain: Json) => Json): TemplateTree {
  const hidden: LocatedReference[] = [];
  const plain = fillTree(tree, (reference, position) => {
    const index = hidden.push({ reference, position }) - 1;
    return `${start}${index}${start}${referenceText(reference)}${end}`;
  });
  const rewritten = rewrite(plain);
  return hidden.length === 0 ? rewritten : restore(rewritten, hidden);
}

/** The same for one text. */
export const rewriteText = (text: TemplateString, rewrite: (plain: string) => string): TemplateString =>
  asText(rewriteTexts(text, (plain) => rewrite(String(plain))));

/** A string inside a rewrite, as a message shows it. */
export const displayRewritten = (text: string): string => text.replace(/\uFDD0\d+\uFDD0|\uFDD1/g, '');

/** The arguments of a command: a list unchanged, a string split as a shell does. */
export function commandArguments(command: TemplateTree | undefined): readonly TemplateString[] {
  if (command === undefined || command === null) return [];
  const list = Array.isArray(command)
    ? (command as readonly TemplateTree[])
    : rewriteTexts(command, (line) => [...splitCommandLine(String(line))]);
  return Array.isArray(list) ? list.map(asText) : [];
}

function restore(value: Json, hidden: readonly LocatedReference[]): TemplateTree {
  if (typeof value === 'string') return value.includes(start) ? restoreText(value, hidden) : value;
  if (Array.isArray(value)) return value.map((child: Json) => restore(child, hidden));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key.includes(start) ? displayText(restoreText(key, hidden)) : key,
      restore(child, hidden),
    ]),
  );
}

/** `split` with a capturing group alternates literals and the numbers of references. */
function restoreText(text: string, hidden: readonly LocatedReference[]): TemplateString {
  const pieces = text.split(/\uFDD0(\d+)\uFDD0[^\uFDD1]*\uFDD1/);
  const found = pieces.map((piece, index) => (index % 2 === 1 ? hidden[Number(piece)] : undefined));
  const parts = pieces.map((piece, index): TextPart => found[index]?.reference ?? { kind: 'literal', text: piece });
  const position = found.find((one) => one !== undefined)?.position ?? { file: '', line: 1, column: 1 };
  return textOf(parts, () => position);
}
