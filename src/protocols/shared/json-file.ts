import { EnvctlError } from '../../model/errors.js';
import type { Json } from '../../model/json.js';
import type { Position } from '../../model/profile.js';
import type { SeedTask } from '../../model/protocol.js';
import { readSeedFile, type SeedFile } from './seed-file.js';

/** A JSON seed file with the position of every value. */
export interface JsonFile {
  readonly file: string;
  readonly value: Json;
  /** Position of the value at `path`, or of its nearest ancestor that exists. */
  at(path: readonly (string | number)[]): Position;
}

/** Throws SEED_FAILED at the line that is not JSON. */
export async function readJson(task: SeedTask, file: string): Promise<JsonFile> {
  const source = await readSeedFile(task, file);
  return { file, value: parse(source), at: (path) => source.at(offsetOf(readNode(readerOf(source)), path)) };
}

function parse(source: SeedFile): Json {
  try {
    return JSON.parse(source.text);
  } catch (error) {
    // V8 does not always report a position; this walk throws at it.
    const reader = readerOf(source);
    readNode(reader);
    throw notJson(source, reader.offset(), error instanceof Error ? error.message : String(error));
  }
}

/** A value and the values in it, by key or index. */
interface JsonNode {
  readonly offset: number;
  readonly children: ReadonlyMap<string, JsonNode>;
}

function offsetOf(root: JsonNode, path: readonly (string | number)[]): number {
  let node = root;
  for (const step of path) node = node.children.get(String(step)) ?? node;
  return node.offset;
}

function readNode(reader: JsonReader): JsonNode {
  const { offset, mark } = reader.next();
  if (mark === '{') return { offset, children: readMembers(reader) };
  if (mark === '[') return { offset, children: readElements(reader) };
  return mark === undefined ? { offset, children: new Map() } : reader.fail(offset);
}

function readMembers(reader: JsonReader): ReadonlyMap<string, JsonNode> {
  const children = new Map<string, JsonNode>();
  if (reader.skips('}')) return children;
  do {
    const key = reader.next();
    if (key.string === undefined) return reader.fail(key.offset);
    if (!reader.skips(':')) return reader.fail(reader.offset());
    children.set(JSON.parse(key.string), readNode(reader));
  } while (reader.skips(','));
  return reader.skips('}') ? children : reader.fail(reader.offset());
}

function readElements(reader: JsonReader): ReadonlyMap<string, JsonNode> {
  const children = new Map<string, JsonNode>();
  if (reader.skips(']')) return children;
  do children.set(String(children.size), readNode(reader));
  while (reader.skips(','));
  return reader.skips(']') ? children : reader.fail(reader.offset());
}

interface JsonToken {
  readonly offset: number;
  readonly mark: string | undefined;
  readonly string: string | undefined;
}
interface JsonReader {
  next(): JsonToken;
  /** Skips `mark` if it comes next. */
  skips(mark: string): boolean;
  /** Offset of the next token. */
  offset(): number;
  fail(offset: number): never;
}

const STRING = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.])/;
/** One token of JSON (RFC 8259): punctuation, a string or another scalar. */
const TOKEN = new RegExp(`([{}[\\],:])|(${STRING.source})|${SCALAR.source}`, 'y');

function readerOf(source: SeedFile): JsonReader {
  const { text } = source;
  const skipSpace = (from: number): number => {
    const space = /[^ \t\r\n]|$/g;
    space.lastIndex = from;
    return space.exec(text)?.index ?? text.length;
  };
  let at = skipSpace(0);
  const fail = (offset: number): never => {
    throw notJson(
      source,
      offset,
      offset >= text.length
        ? 'the file ends too early'
        : `unexpected ${text.slice(offset, offset + 20).split('\n', 1)[0]}`,
    );
  };
  const next = (): JsonToken => {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text) ?? fail(at);
    const token = { offset: at, mark: match[1], string: match[2] };
    at = skipSpace(at + match[0].length);
    return token;
  };
  const skips = (mark: string): boolean => text[at] === mark && next().mark === mark;
  return { next, skips, offset: () => at, fail };
}

function notJson(source: SeedFile, offset: number, detail: string): EnvctlError {
  return new EnvctlError('SEED_FAILED', 'Invalid JSON in the seed file', {
    hint: 'Fix the JSON here; it allows no comments, single quotes or trailing commas.',
    detail,
    position: source.at(offset),
  });
}
