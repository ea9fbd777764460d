import { readFile } from 'node:fs/promises';
import { type Document as YamlDocument, isAlias, isMap, isNode, isPair, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, visit } from 'yaml';
import type { Document, JsonMap, Position } from '../core/environment.js';
import { EnvctlError } from '../core/errors.js';

/** Limits that no written profile reaches; a hostile file must not cost memory or time. */
const limits = { bytes: 1024 * 1024, depth: 64, aliases: 100 };

/** Reads a YAML file, positions kept. Throws PROFILE_INVALID at the place, PROFILE_UNKNOWN where there is no file. */
export async function readDocument(path: string): Promise<Document> {
  return parseDocument(path, await readText(path)).document;
}

/** Text of a file in UTF-8 within our limits. */
export async function readText(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'does not exist' : `cannot be read (${error.code ?? error.message})`;
    throw new EnvctlError('PROFILE_UNKNOWN', `${path} ${why}`, { hint: 'Check the path; envctl ls --profiles shows the profiles of this project.' });
  });
  if (bytes.length > limits.bytes) throw invalid(`the file has ${bytes.length} bytes; ${limits.bytes} is the limit`, { file: path, line: 1, column: 1 });
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

/** Parses one YAML document. Merge keys are applied; a number that would not read back as written (`3.10`) stays text. */
export function parseDocument(path: string, text: string): Parsed {
  const lines = new LineCounter();
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file: path, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const all = parseAllDocuments(text, { lineCounter: lines, merge: true, uniqueKeys: true });
  const [yaml, second] = all as YamlDocument[];
  if (!yaml) throw invalid('the file is empty', position(0));
  if (second) throw invalid('the file holds more than one YAML document', position(second.range?.[0] ?? 0));
  const [error] = yaml.errors;
  if (error) throw invalid(firstLine(error.message), position(error.pos[0]));
  checkNodes(yaml, position);
  return { yaml, document: { path, value: plainValue(yaml, position(0)), position: (at) => position(offsetOf(yaml, at)) } };
}

const firstLine = (message: string): string => (message.split('\n')[0] ?? message).replace(/ at line \d+, column \d+:?$/, '');

/** Depth, keys that would reach an object's prototype, and numbers that lose digits. */
function checkNodes(yaml: YamlDocument, position: (offset: number) => Position): void {
  visit(yaml, {
    Node: (_, node, path) => {
      if (path.length > 2 * limits.depth) throw invalid(`nested deeper than ${limits.depth} levels`, position(node.range?.[0] ?? 0));
      if (!isScalar(node) || typeof node.value !== 'number' || node.source === undefined) return;
      if (node.source !== String(node.value)) node.value = node.source;
    },
    Pair: (_, pair) => {
      if (!isScalar(pair.key)) return;
      if (pair.key.value === '__proto__' || pair.key.value === 'constructor') throw invalid(`"${pair.key.value}" cannot be a key`, position(pair.key.range?.[0] ?? 0));
    },
  });
}

function plainValue(yaml: YamlDocument, start: Position): JsonMap {
  let value: unknown;
  try {
    value = yaml.toJS({ maxAliasCount: limits.aliases });
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
    const resolved: unknown = isAlias(node) ? (node as { resolve(doc: YamlDocument): Node | undefined }).resolve(yaml) : node;
    const child = childOf(resolved, key);
    if (!child) return offset;
    offset = child.offset ?? offset;
    node = child.node;
  }
  return offset;
}

function childOf(node: unknown, key: string | number): { node: unknown; offset: number | undefined } | undefined {
  if (isMap(node)) {
    const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(key));
    return pair && isScalar(pair.key) ? { node: pair.value, offset: pair.key.range?.[0] } : undefined;
  }
  const item = isSeq(node) && typeof key === 'number' ? node.items[key] : undefined;
  return item === undefined ? undefined : { node: item, offset: isNode(item) ? item.range?.[0] : undefined };
}

export function invalid(message: string, position: Position, hint = 'Mend the YAML at this place.'): EnvctlError {
  return new EnvctlError('PROFILE_INVALID', message, { hint, position });
}
