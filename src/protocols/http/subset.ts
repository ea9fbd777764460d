import { isMap, type Json, type JsonMap } from '../../model/json.js';

/**
 * The first value of `wanted` that `actual` lacks, as text (`cache is false, not true`); null: it has all of them.
 * Maps may have more keys than wanted; lists and scalars must be equal.
 */
export function difference(wanted: Json, actual: Json | undefined, path = ''): string | null {
  if (isMap(wanted)) return mapDifference(wanted, actual, path);
  if (Array.isArray(wanted)) return listDifference(wanted, actual, path);
  return wanted === actual ? null : differs(wanted, actual, path);
}

function mapDifference(wanted: JsonMap, actual: Json | undefined, path: string): string | null {
  if (!isMap(actual)) return differs(wanted, actual, path);
  for (const [key, value] of Object.entries(wanted)) {
    const inner = Object.hasOwn(actual, key) ? actual[key] : undefined;
    const found = difference(value, inner, path === '' ? key : `${path}.${key}`);
    if (found !== null) return found;
  }
  return null;
}

function listDifference(wanted: readonly Json[], actual: Json | undefined, path: string): string | null {
  if (!Array.isArray(actual) || actual.length !== wanted.length) return differs(wanted, actual, path);
  for (const [index, value] of wanted.entries()) {
    const found = difference(value, actual[index], `${path}[${index}]`);
    if (found !== null) return found;
  }
  return null;
}

function differs(wanted: Json, actual: Json | undefined, path: string): string {
  const subject = path === '' ? 'the answer' : path;
  return actual === undefined ? `${subject} is missing` : `${subject} is ${short(actual)}, not ${short(wanted)}`;
}

function short(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
