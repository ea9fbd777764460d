/**
 * What is meant: the types between a written profile and a plan. Data only.
 * Flow: Document[] → Environment → Prepared (with Workload[]) → Plan → Running → Connection[].
 */

export type Json = string | number | boolean | null | readonly Json[] | JsonMap;

export type JsonMap = { readonly [key: string]: Json };

export type Scalar = string | number | boolean;

export function mapStrings(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((child: Json) => mapStrings(child, change));
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, mapStrings(child as Json, change)]));
}

export function isMap(value: Json | undefined): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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
