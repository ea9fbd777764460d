import type { Document, Json, JsonMap, Position } from '../environment.js';

/** Merged layers, and where each value of the result was written. */
export interface Merged {
  readonly value: JsonMap;
  position(path: readonly (string | number)[]): Position;
}

/** A layer after its short forms became long ones; `document` still knows the positions. */
export interface NormalLayer {
  readonly value: JsonMap;
  readonly document: Document;
}

/** Later layers win: maps merge, lists and scalars replace, `null` deletes what a lower layer has. */
export function mergeLayers(layers: readonly NormalLayer[]): Merged {
  const value = layers.reduce<JsonMap>((merged, layer) => mergeMaps(merged, layer.value), {});
  return { value, position: (path) => positionIn(layers, path) };
}

/** `over` on top of `base`, by the rule of `mergeLayers`. */
export function mergeMaps(base: JsonMap, over: JsonMap): JsonMap {
  const merged: Record<string, Json> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = base[key];
    if (value === null && below !== undefined) delete merged[key];
    else merged[key] = isMap(value) && isMap(below) ? mergeMaps(below, value) : value;
  }
  return merged;
}

export const isMap = (value: Json | undefined): value is JsonMap => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The layer that knows the longest part of the path says where it is; of equals the upper one. */
function positionIn(layers: readonly NormalLayer[], path: readonly (string | number)[]): Position {
  let best: { layer: NormalLayer | undefined; depth: number } = { layer: undefined, depth: -1 };
  for (const layer of layers) {
    const depth = knownDepth(layer.document.value, path);
    if (depth >= best.depth) best = { layer, depth };
  }
  return best.layer?.document.position(path) ?? { file: '', line: 1, column: 1 };
}

function knownDepth(value: Json, path: readonly (string | number)[]): number {
  let here: Json | undefined = value;
  for (const [depth, key] of path.entries()) {
    here = typeof here === 'object' && here !== null ? (here as Record<string | number, Json>)[key] : undefined;
    if (here === undefined) return depth;
  }
  return path.length;
}
