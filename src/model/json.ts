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
