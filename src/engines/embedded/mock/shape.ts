/** Reads JSON of a mapping: unknown keys and wrong types throw a `Refusal` with their position. */
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
  return typeof value === 'string' ? value : refuse(pointer, 'must be a string');
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
      `This mock server does not support "${unknown}", only: ${known.join(', ')}. ` +
        'WireMock itself (`template: wiremock`) may support it.',
    );
}

/** Matches the whole text, as Java's `matches` does. */
export function regularExpression(source: string, pointer: string): RegExp {
  try {
    return new RegExp(`^(?:${source})$`);
  } catch (error) {
    return refuse(pointer, (error as Error).message);
  }
}
