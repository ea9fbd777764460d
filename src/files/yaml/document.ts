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

/** No real profile reaches these; a hostile file must not cost memory or time. */
const limits = { bytes: 1024 * 1024, depth: 64, nodes: 200_000 };

/** Reads a YAML file with positions. Throws PROFILE_INVALID at the position, PROFILE_UNKNOWN if the file is missing. */
export async function readDocument(path: string): Promise<Document> {
  return parseDocument(path, await readText(path)).document;
}

/** The text of a UTF-8 file within the limits. */
export async function readText(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'does not exist' : `cannot be read (${error.code ?? error.message})`;
    throw new EnvctlError('PROFILE_UNKNOWN', `${path} ${why}`, {
      hint: 'Check the path; `envctl ls --profiles` lists the profiles of this project.',
    });
  });
  if (bytes.length > limits.bytes)
    throw invalid(`The file has ${bytes.length} bytes; the limit is ${limits.bytes}`, {
      file: path,
      line: 1,
      column: 1,
    });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalid('The file is not UTF-8', { file: path, line: 1, column: 1 });
  }
}

export interface Parsed {
  readonly document: Document;
  readonly yaml: YamlDocument;
}

/**
 * Parses one YAML document and applies merge keys. A number that changes when written back (`3.10`) stays a string.
 * Throws PROFILE_INVALID.
 */
export function parseDocument(path: string, text: string): Parsed {
  const lines = new LineCounter();
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file: path, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const tooDeep = nestedTooDeep(text, limits.depth);
  if (tooDeep !== null)
    throw invalid(
      `Nested deeper than ${limits.depth} levels, or closed without being opened`,
      positionIn(text, { path, offset: tooDeep }),
    );
  // Its check for duplicate keys takes quadratic time, and its pretty errors are slow.
  const all = parseAllDocuments(text, { lineCounter: lines, merge: true, uniqueKeys: false, prettyErrors: false });
  const [yaml, second] = all as YamlDocument[];
  if (!yaml) throw invalid('The file is empty', position(0));
  if (second) throw invalid('The file has more than one YAML document', position(second.range?.[0] ?? 0));
  const [error] = yaml.errors;
  if (error) throw invalid(`Invalid YAML: ${error.message.split('\n')[0] ?? ''}`, position(error.pos[0]));
  checkNodes(yaml, position);
  return {
    yaml,
    document: { path, value: plainValue(yaml, position(0)), position: (at) => position(offsetOf(yaml, at)) },
  };
}

function positionIn(text: string, { path, offset }: { readonly path: string; readonly offset: number }): Position {
  const before = text.slice(0, offset).split('\n');
  return { file: path, line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

type At = (offset: number) => Position;

/** Refuses duplicate keys, keys of an object's prototype, and unknown or circular aliases; keeps numbers as written. */
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
  // Aliases of aliases multiply, so the expanded size is counted before anything is copied.
  if (expandedSize(yaml.contents, { anchors, sizes: new Map() }) > limits.nodes)
    throw invalid(
      `Its aliases expand to more than ${limits.nodes} values`,
      position(0),
      'Look for anchors that contain aliases of each other.',
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
  if (!target) throw invalid(`Unknown YAML alias *${name}`, at(), `Define &${name} before it.`);
  if (path.includes(target)) throw invalid(`YAML alias *${name} contains itself`, at());
}

const reserved: readonly string[] = Object.getOwnPropertyNames(Object.prototype);

function checkKeys(map: YAMLMap, position: At): void {
  const seen = new Set<string>();
  for (const { key } of map.items) {
    if (!isScalar(key)) throw invalid('A key must be a plain text', position(isNode(key) ? (key.range?.[0] ?? 0) : 0));
    const name = String(key.source ?? key.value);
    const at = (): Position => position(key.range?.[0] ?? 0);
    if (reserved.includes(name)) throw invalid(`"${name}" cannot be a key`, at());
    if (seen.has(name) && name !== '<<') throw invalid(`Duplicate key "${name}"`, at(), 'Keep one of them.');
    seen.add(name);
  }
}

function plainValue(yaml: YamlDocument, start: Position): JsonMap {
  let value: unknown;
  try {
    value = yaml.toJS({ maxAliasCount: -1 });
  } catch (error) {
    throw invalid(`Invalid YAML: ${(error as Error).message}`, start);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonMap;
  throw invalid('The file is not a map', start);
}

/** Offset of the key or list entry at `path`, or of its nearest ancestor; keys from a merge have no position. */
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

export function invalid(message: string, position: Position, hint = 'Fix the YAML here.'): EnvctlError {
  return new EnvctlError('PROFILE_INVALID', message, { hint, position });
}
