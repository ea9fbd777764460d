/** Reading JSON that strangers wrote: every key is known, or refused by name and place. */
import type { Json, JsonMap } from '../../../model/json.js';
import { refuse } from './refusal.js';

export function mapAt(value: Json | undefined, pointer: string): JsonMap {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonMap;
  return value === undefined ? {} : refuse(pointer, 'must be an object');
}

export function listAt(value: Json | undefined, pointer: string): readonly Json[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : refuse(pointer, 'must be a list');
}

export function textAt(value: Json | undefined, pointer: string): string {
  return typeof value === 'string' ? value : refuse(pointer, 'must be a text');
}

export function numberAt(value: Json | undefined, pointer: string, fallback: number): number {
  if (value === undefined) return fallback;
  return typeof value === 'number' ? value : refuse(pointer, 'must be a number');
}

export function onlyKeys(map: JsonMap, pointer: string, known: readonly string[]): void {
  const unknown = Object.keys(map).find((key) => !known.includes(key));
  if (unknown !== undefined)
    refuse(
      `${pointer}/${unknown}`,
      `"${unknown}" is not known to this mock server, which knows: ${known.join(', ')}. WireMock itself (template: wiremock) may know it.`,
    );
}

/** Java's `matches` tests the whole text. */
export function regularExpression(source: string, pointer: string): RegExp {
  try {
    return new RegExp(`^(?:${source})$`);
  } catch (error) {
    return refuse(pointer, (error as Error).message);
  }
}
