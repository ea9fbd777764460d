import type { Json, JsonMap } from '../../model/json.js';

/**
 * The first place where `actual` lacks what `wanted` says, in words (`cache is false, not true`); null: it has all of it.
 * Maps may hold more than is wanted; lists and scalars must be equal.
 */
export function difference(wanted: Json, actual: Json | undefined, path = ''): string | null {
  if (isMap(wanted)) return mapDifference(wanted, actual, path);
  if (Array.isArray(wanted)) return listDifference(wanted, actual, path);
  return wanted === actual ? null : told(wanted, actual, path);
}

function mapDifference(wanted: JsonMap, actual: Json | undefined, path: string): string | null {
  if (!isMap(actual)) return told(wanted, actual, path);
  for (const [key, value] of Object.entries(wanted)) {
    const inner = Object.hasOwn(actual, key) ? actual[key] : undefined;
    const found = difference(value, inner, path === '' ? key : `${path}.${key}`);
    if (found !== null) return found;
  }
  return null;
}

function listDifference(wanted: readonly Json[], actual: Json | undefined, path: string): string | null {
  if (!Array.isArray(actual) || actual.length !== wanted.length) return told(wanted, actual, path);
  for (const [index, value] of wanted.entries()) {
    const found = difference(value, actual[index], `${path}[${index}]`);
    if (found !== null) return found;
  }
  return null;
}

function isMap(value: Json | undefined): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function told(wanted: Json, actual: Json | undefined, path: string): string {
  const place = path === '' ? 'the answer' : path;
  return actual === undefined ? `${place} is missing` : `${place} is ${short(actual)}, not ${short(wanted)}`;
}

function short(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
