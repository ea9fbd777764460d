import { isTemplateText, type TemplateText } from './template-text.js';

export type Scalar = string | number | boolean;

/** Data as YAML and JSON hold it; `Leaf` is a further kind of leaf besides scalars and null. */
export type Tree<Leaf> = Scalar | null | Leaf | readonly Tree<Leaf>[] | TreeMap<Leaf>;
export type TreeMap<Leaf> = { readonly [key: string]: Tree<Leaf> };

export type Json = Tree<never>;
export type JsonMap = TreeMap<never>;

/** Data of a profile whose texts are parsed: its strings are literal, its `TemplateText`s hold references. */
export type TemplateTree = Tree<TemplateText>;
export type TemplateMap = TreeMap<TemplateText>;

export function isMap(value: Json | undefined): value is JsonMap;
export function isMap(value: TemplateTree | undefined): value is TemplateMap;
export function isMap(value: TemplateTree | undefined): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isTemplateText(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The map, or an empty one for anything else. */
export function asMap(value: Json | undefined): JsonMap {
  return isMap(value) ? value : {};
}

/** The list; a single value as a list of one; empty for null and undefined. */
export function asList(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return [];
  return isList(value) ? value : [value];
}

/**
 * `over` on top of `base`: maps merge, lists and scalars replace. A `null` in `over` deletes the key of `base`,
 * or is kept as a value if `nulls` says so.
 */
export function mergeMaps(base: JsonMap, over: JsonMap, nulls?: 'delete' | 'keep'): JsonMap;
export function mergeMaps(base: TemplateMap, over: TemplateMap, nulls?: 'delete' | 'keep'): TemplateMap;
export function mergeMaps(base: TemplateMap, over: TemplateMap, nulls: 'delete' | 'keep' = 'delete'): TemplateMap {
  const merged: Record<string, TemplateTree> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = Object.hasOwn(base, key) ? base[key] : undefined;
    if (value === null && below !== undefined && nulls === 'delete') delete merged[key];
    else merged[key] = isMap(value) && isMap(below) ? mergeMaps(below, value, nulls) : value;
  }
  return merged;
}

/** How many steps of a path a value knows. */
export function knownDepth(value: Json, path: readonly (string | number)[]): number {
  let node: Json | undefined = value;
  for (const [depth, key] of path.entries()) {
    node = isList(node) ? node[Number(key)] : isMap(node) && Object.hasOwn(node, key) ? node[key] : undefined;
    if (node === undefined) return depth;
  }
  return path.length;
}
