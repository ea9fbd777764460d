import { readFile } from 'node:fs/promises';
import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  visit,
  type YAMLMap,
  type Document as YamlDocument,
} from 'yaml';
import { EnvctlError } from '../../model/errors.js';
import type { JsonMap } from '../../model/json.js';
import type { Document, Position } from '../../model/profile.js';
import { nestedTooDeep } from './depth-guard.js';

/** Limits that no written profile reaches; a hostile file must not cost memory or time. */
const limits = { bytes: 1024 * 1024, depth: 64, nodes: 200_000 };

/** Reads a YAML file, positions kept. Throws PROFILE_INVALID at the place, PROFILE_UNKNOWN where there is no file. */
export async function readDocument(path: string): Promise<Document> {
  return parseDocument(path, await readText(path)).document;
}

/** Text of a file in UTF-8 within our limits. */
export async function readText(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'does not exist' : `cannot be read (${error.code ?? error.message})`;
    throw new EnvctlError('PROFILE_UNKNOWN', `${path} ${why}`, {
      hint: 'Check the path; envctl ls --profiles shows the profiles of this project.',
    });
  });
  if (bytes.length > limits.bytes)
    throw invalid(`the file has ${bytes.length} bytes; ${limits.bytes} is the limit`, {
      file: path,
      line: 1,
      column: 1,
    });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalid('the file is not UTF-8', { file: path, line: 1, column: 1 });
  }
}

export interface Parsed {
  readonly document: Document;
  readonly yaml: YamlDocument;
}

/** Parses one YAML document. Merge keys are applied; a number that would not read back as written (`3.10`) stays text. Throws PROFILE_INVALID. */
export function parseDocument(path: string, text: string): Parsed {
  const lines = new LineCounter();
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file: path, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const tooDeep = nestedTooDeep(text, limits.depth);
  if (tooDeep !== null)
    throw invalid(
      `nested deeper than ${limits.depth} levels, or closed without being opened`,
      placeOf(text, { path, offset: tooDeep }),
    );
  // Its own check for keys that stand twice takes quadratic time, and its pretty errors are long in the making.
  const all = parseAllDocuments(text, { lineCounter: lines, merge: true, uniqueKeys: false, prettyErrors: false });
  const [yaml, second] = all as YamlDocument[];
  if (!yaml) throw invalid('the file is empty', position(0));
  if (second) throw invalid('the file holds more than one YAML document', position(second.range?.[0] ?? 0));
  const [error] = yaml.errors;
  if (error) throw invalid(error.message.split('\n')[0] ?? '', position(error.pos[0]));
  checkNodes(yaml, position);
  return {
    yaml,
    document: { path, value: plainValue(yaml, position(0)), position: (at) => position(offsetOf(yaml, at)) },
  };
}

function placeOf(text: string, { path, offset }: { readonly path: string; readonly offset: number }): Position {
  const before = text.slice(0, offset).split('\n');
  return { file: path, line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

type At = (offset: number) => Position;

/** Keys that stand twice or would reach an object's prototype, aliases of nothing or of themselves, numbers that lose digits. */
function checkNodes(yaml: YamlDocument, position: At): void {
  const anchors: Anchors = new Map();
  visit(yaml, {
    Node: (_, node, path) => {
      if (isAlias(node))
        return checkAlias(node.source, anchors.get(node.source), { path, at: () => position(node.range?.[0] ?? 0) });
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
      if (isMap(node)) checkKeys(node, position);
      if (
        isScalar(node) &&
        typeof node.value === 'number' &&
        node.source !== undefined &&
        node.source !== String(node.value)
      )
        node.value = node.source;
      return undefined;
    },
  });
  // Aliases of aliases multiply: what they come to is counted before anything is copied.
  if (expandedSize(yaml.contents, { anchors, sizes: new Map() }) > limits.nodes)
    throw invalid(
      `its aliases come to more than ${limits.nodes} values`,
      position(0),
      'Look for anchors that hold aliases of each other.',
    );
}

type Anchors = Map<string, Node>;

function expandedSize(
  node: unknown,
  known: { readonly anchors: Anchors; readonly sizes: Map<unknown, number> },
): number {
  if (isAlias(node)) return expandedSize(known.anchors.get(node.source), known);
  if (!isMap(node) && !isSeq(node)) return 1;
  const counted = known.sizes.get(node);
  if (counted !== undefined) return counted;
  const values = isMap(node) ? node.items.map((pair) => pair.value) : node.items;
  const size = values.reduce<number>((sum, value) => sum + expandedSize(value, known), 1);
  known.sizes.set(node, size);
  return size;
}

function checkAlias(
  name: string,
  target: Node | undefined,
  { path, at }: { readonly path: readonly unknown[]; readonly at: () => Position },
): void {
  if (!target) throw invalid(`*${name} stands for nothing: there is no &${name} before it`, at());
  if (path.includes(target)) throw invalid(`*${name} stands inside itself`, at());
}

const reserved: readonly string[] = Object.getOwnPropertyNames(Object.prototype);

function checkKeys(map: YAMLMap, position: At): void {
  const seen = new Set<string>();
  for (const { key } of map.items) {
    if (!isScalar(key)) throw invalid('a key must be a plain word', position(isNode(key) ? (key.range?.[0] ?? 0) : 0));
    const name = String(key.source ?? key.value);
    const at = (): Position => position(key.range?.[0] ?? 0);
    if (reserved.includes(name)) throw invalid(`"${name}" cannot be a key`, at());
    if (seen.has(name) && name !== '<<')
      throw invalid(`"${name}" stands here twice`, at(), 'Keep one of them: only the last would count.');
    seen.add(name);
  }
}

function plainValue(yaml: YamlDocument, start: Position): JsonMap {
  let value: unknown;
  try {
    value = yaml.toJS({ maxAliasCount: -1 });
  } catch (error) {
    throw invalid(`${(error as Error).message}`, start);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonMap;
  throw invalid('the file is not a map of keys', start);
}

/** Offset of the key (or list entry) at `path`, following it as far as the document knows it; merged-in keys have no place of their own. */
function offsetOf(yaml: YamlDocument, path: readonly (string | number)[]): number {
  let node: unknown = yaml.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const key of path) {
    const resolved: unknown = isAlias(node)
      ? (node as { resolve(doc: YamlDocument): Node | undefined }).resolve(yaml)
      : node;
    const child = childOf(resolved, key);
    if (!child) return offset;
    offset = child.offset ?? offset;
    node = child.node;
  }
  return offset;
}

function childOf(node: unknown, key: string | number): { node: unknown; offset: number | undefined } | undefined {
  if (isMap(node)) {
    const pair = node.items.find(
      (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(key),
    );
    return pair && isScalar(pair.key) ? { node: pair.value, offset: pair.key.range?.[0] } : undefined;
  }
  const item = isSeq(node) && typeof key === 'number' ? node.items[key] : undefined;
  return item === undefined ? undefined : { node: item, offset: isNode(item) ? item.range?.[0] : undefined };
}

export function invalid(message: string, position: Position, hint = 'Mend the YAML at this place.'): EnvctlError {
  return new EnvctlError('PROFILE_INVALID', message, { hint, position });
}
