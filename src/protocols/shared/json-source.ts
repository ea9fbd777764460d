import { EnvctlError } from '../../model/errors.js';
import type { Json } from '../../model/json.js';
import type { Position } from '../../model/profile.js';
import type { SeedTask } from '../../model/protocol.js';
import { readSource, type Source } from './seed-source.js';

/** A JSON seed file with the place of every value. */
export interface JsonSource {
  readonly file: string;
  readonly value: Json;
  /** Where the value at `path` begins, or its nearest ancestor that is there. */
  at(path: readonly (string | number)[]): Position;
}

/** Throws SEED_FAILED with the line where the file is not JSON. */
export async function readJson(task: SeedTask, file: string): Promise<JsonSource> {
  const source = await readSource(task, file);
  return { file, value: parse(source), at: (path) => source.at(offsetOf(readNode(readerOf(source)), path)) };
}

function parse(source: Source): Json {
  try {
    return JSON.parse(source.text);
  } catch (error) {
    // V8 does not always say where; the walk does, and throws there.
    const reader = readerOf(source);
    readNode(reader);
    throw notJson(source, reader.offset(), error instanceof Error ? error.message : String(error));
  }
}

/** A value and the values in it, by key or index. */
interface Node {
  readonly offset: number;
  readonly children: ReadonlyMap<string, Node>;
}

function offsetOf(root: Node, path: readonly (string | number)[]): number {
  let node = root;
  for (const step of path) node = node.children.get(String(step)) ?? node;
  return node.offset;
}

function readNode(reader: Reader): Node {
  const { offset, mark } = reader.next();
  if (mark === '{') return { offset, children: readMembers(reader) };
  if (mark === '[') return { offset, children: readElements(reader) };
  return mark === undefined ? { offset, children: new Map() } : reader.fail(offset);
}

function readMembers(reader: Reader): ReadonlyMap<string, Node> {
  const children = new Map<string, Node>();
  if (reader.skips('}')) return children;
  do {
    const key = reader.next();
    if (key.string === undefined) return reader.fail(key.offset);
    if (!reader.skips(':')) return reader.fail(reader.offset());
    children.set(JSON.parse(key.string), readNode(reader));
  } while (reader.skips(','));
  return reader.skips('}') ? children : reader.fail(reader.offset());
}

function readElements(reader: Reader): ReadonlyMap<string, Node> {
  const children = new Map<string, Node>();
  if (reader.skips(']')) return children;
  do children.set(String(children.size), readNode(reader));
  while (reader.skips(','));
  return reader.skips(']') ? children : reader.fail(reader.offset());
}

interface Token {
  readonly offset: number;
  readonly mark: string | undefined;
  readonly string: string | undefined;
}
interface Reader {
  next(): Token;
  /** Goes past `mark` if that comes next. */
  skips(mark: string): boolean;
  /** Of what comes next. */
  offset(): number;
  fail(offset: number): never;
}

/** One token of JSON (RFC 8259): a mark, a string or another scalar. */
const TOKEN =
  /([{}[\],:])|("(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.])/y;

function readerOf(source: Source): Reader {
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
  const next = (): Token => {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text) ?? fail(at);
    const token = { offset: at, mark: match[1], string: match[2] };
    at = skipSpace(at + match[0].length);
    return token;
  };
  const skips = (mark: string): boolean => text[at] === mark && next().mark === mark;
  return { next, skips, offset: () => at, fail };
}

function notJson(source: Source, offset: number, detail: string): EnvctlError {
  return new EnvctlError('SEED_FAILED', 'the seed file is not JSON here', {
    hint: 'Mend the JSON; comments, single quotes and trailing commas are none.',
    detail,
    position: source.at(offset),
  });
}
