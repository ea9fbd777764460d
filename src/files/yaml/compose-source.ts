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
import type { ComposeSource } from '../../model/compose-reader.js';
import type { JsonMap } from '../../model/json.js';
import { asList, asMap } from '../../model/json.js';
import { refuseReferences } from '../../profile/layers/x-envctl.js';
import { parseDocument, readText } from './document.js';

/** Reads a Compose file within the limits of any YAML file. Throws PROFILE_INVALID at the position. */
export async function openComposeFile(path: string): Promise<ComposeSource> {
  const text = await readText(path);
  const { document } = parseDocument(path, text);
  refuseReferences(document);
  const { include } = document.value;
  return {
    path,
    document,
    stripped: strippedText(text),
    includes: asList(include),
  };
}

/** Plain data of the YAML that Compose prints. */
export function parseComposeOutput(text: string): JsonMap {
  return asMap(parseDocument('docker compose config', text).document.value);
}

/**
 * Removes the keys from a second tree, since positions are read from the first. Anchors and merge keys stay, so a pair
 * is removed wherever a service may get it from.
 */
function strippedText(text: string): string {
  const yaml = parseYaml(text, { uniqueKeys: false, customTags: (tags) => tags.map(asWritten) });
  const anchored = anchorsUnder(yaml);
  visit(yaml, {
    Pair: (_, pair, ancestors) => (isPair(pair) && isKept(pair, ancestors.length) ? undefined : visit.REMOVE),
  });
  const left = anchorsUnder(yaml);
  // An anchor in a removed part may still have aliases.
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

/** Keeps the spelling of numbers: `0440` and `1.50` mean something to Compose. */
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

/** A label or variable named `depends_on` is kept: its value is a string. */
function isKept(pair: { readonly key: unknown; readonly value: unknown }, depth: number): boolean {
  const key = isScalar(pair.key) ? pair.key.value : null;
  if (key === 'x-envctl') return false;
  return key !== 'depends_on' || depth < 2 || !(isMap(pair.value) || isSeq(pair.value) || isAlias(pair.value));
}
