import type { Json, JsonMap } from '../../../model/json.js';

/** The map, or an empty one for anything else. */
export function asMap(value: Json | undefined): JsonMap {
  return isMap(value) ? value : {};
}

/** The list; a single value as a list of one; empty for nothing. */
export function asList(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return [];
  return isList(value) ? value : [value];
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

export function isMap(value: Json | undefined): value is JsonMap {
  return typeof value === 'object' && value !== null && !isList(value);
}
