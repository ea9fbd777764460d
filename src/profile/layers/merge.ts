import { mergeMaps, type TemplateMap } from '../../model/json.js';
import type { Document, Layer } from '../../model/profile.js';
import type { Position } from '../../model/template-text.js';
import { writtenPath } from './short-form-paths.js';

/** Merged layers, with the position of each value. */
export interface Merged {
  readonly value: TemplateMap;
  /** `path` is that of the long form; it also finds a value written in a short form. */
  position(path: readonly (string | number)[]): Position;
}

/** A layer in long form. `document` still has the positions. */
export interface NormalLayer {
  readonly kind: Layer['kind'];
  readonly value: TemplateMap;
  readonly document: Document;
}

/** Later layers win: maps merge, lists and scalars replace, `null` deletes a value of a lower layer. */
export function mergeLayers(layers: readonly NormalLayer[]): Merged {
  const value = layers.reduce<TemplateMap>((merged, layer) => mergeMaps(merged, layer.value), {});
  return { value, position: (path) => positionIn(layers, path) };
}

/** The position in the uppermost of the layers that know the longest part of the path. */
function positionIn(layers: readonly NormalLayer[], path: readonly (string | number)[]): Position {
  let best:
    | { readonly document: Document; readonly depth: number; readonly path: readonly (string | number)[] }
    | undefined;
  for (const { document } of layers) {
    const found = writtenPath(document.value, path);
    if (best === undefined || found.depth >= best.depth) best = { document, ...found };
  }
  return best?.document.position(best.path) ?? { file: '', line: 1, column: 1 };
}
