import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  parseDocument as parseYaml,
  type Scalar,
  type Tags,
  visit,
  type Document as YamlDocument,
} from 'yaml';
import type { JsonMap } from '../../model/json.js';
import { isMap as isJsonMap } from '../../model/json.js';
import type { Document } from '../../model/profile.js';
import { parseDocument, readText } from './document.js';

/** A Compose file as it is handed to Compose, and as it was written. */
export interface ComposeSource {
  readonly path: string;
  /** Without `x-envctl` and `depends_on`: Compose's own cycle check takes exponential time. */
  readonly stripped: string;
  readonly document: Document;
  /** `include:` as written. */
  readonly includes: readonly unknown[];
}

/** Reads a Compose file within our limits. Throws PROFILE_INVALID at the place. */
export async function openComposeFile(path: string): Promise<ComposeSource> {
  const text = await readText(path);
  const { document } = parseDocument(path, text);
  const { include } = document.value;
  return {
    path,
    document,
    stripped: strippedText(text),
    includes: Array.isArray(include) ? include : include === undefined || include === null ? [] : [include],
  };
}

/** Plain data of YAML that Compose printed. */
export function parseComposeOutput(text: string): JsonMap {
  const { value } = parseDocument('docker compose config', text).document;
  return isJsonMap(value) ? value : {};
}

/** A tree of its own is cut, since positions are read from the other one. Anchors and merge keys stay, so the pair goes wherever a service may take it from. */
function strippedText(text: string): string {
  const yaml = parseYaml(text, { uniqueKeys: false, customTags: (tags) => tags.map(asWritten) });
  const anchored = anchorsUnder(yaml);
  visit(yaml, {
    Pair: (_, pair, ancestors) => (isPair(pair) && isKept(pair, ancestors.length) ? undefined : visit.REMOVE),
  });
  const left = anchorsUnder(yaml);
  // What was removed may hold an anchor that others still name.
  visit(yaml, {
    Alias: (_, alias) => {
      const target = left.has(alias.source) ? undefined : anchored.get(alias.source);
      if (!target) return undefined;
      const copy = target.clone() as Node;
      left.set(alias.source, copy);
      return copy;
    },
  });
  return yaml.toString({ lineWidth: 0 });
}

/** `0440` and `1.50` mean to Compose what they look like there. */
function asWritten<T extends Tags[number]>(tag: T): T {
  return typeof tag === 'object' && /:(int|float)$/.test(tag.tag)
    ? { ...tag, stringify: (item: Scalar) => item.source ?? String(item.value) }
    : tag;
}

function anchorsUnder(yaml: YamlDocument): Map<string, Node> {
  const found = new Map<string, Node>();
  visit(yaml, {
    Node: (_, node) => {
      if (!isAlias(node) && isNode(node) && node.anchor !== undefined) found.set(node.anchor, node);
    },
  });
  return found;
}

/** A label or variable that is only called so is kept: it holds a text. */
function isKept(pair: { readonly key: unknown; readonly value: unknown }, depth: number): boolean {
  const key = isScalar(pair.key) ? pair.key.value : null;
  if (key === 'x-envctl') return false;
  return key !== 'depends_on' || depth < 2 || !(isMap(pair.value) || isSeq(pair.value) || isAlias(pair.value));
}
