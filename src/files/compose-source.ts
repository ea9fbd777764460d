import { isMap, isScalar, isSeq, type Document as YamlDocument, visit } from 'yaml';
import type { Document, JsonMap } from '../core/environment.js';
import { isMap as isJsonMap } from '../core/resolve/merge.js';
import { parseDocument, readText } from './document.js';

/** A Compose file as it is handed to Compose, and as it was written. */
export interface ComposeSource {
  readonly path: string;
  /** Without `x-envctl` and `depends_on`: Compose's own cycle check takes exponential time. */
  readonly stripped: string;
  readonly document: Document;
  /** `include:` as written. */
  readonly includes: readonly unknown[];
}

/** Reads a Compose file within our limits. Throws PROFILE_INVALID at the place. */
export async function openComposeFile(path: string): Promise<ComposeSource> {
  const { document, yaml } = parseDocument(path, await readText(path));
  const { include } = document.value;
  strip(yaml);
  return { path, document, stripped: yaml.toString({ lineWidth: 0 }), includes: Array.isArray(include) ? include : include === undefined ? [] : [include] };
}

/** Plain data of YAML that Compose printed. */
export function parseComposeOutput(text: string): JsonMap {
  const { value } = parseDocument('docker compose config', text).document;
  return isJsonMap(value) ? value : {};
}

/** Anchors and merge keys stay, so the pair is taken out wherever a service may take it from. */
function strip(yaml: YamlDocument): void {
  visit(yaml, {
    Pair: (_, pair, path) => {
      if (!isScalar(pair.key)) return undefined;
      const key = pair.key.value;
      if (key === 'x-envctl') return visit.REMOVE;
      const holdsServices = key === 'depends_on' && (isMap(pair.value) || isSeq(pair.value)) && path.length >= 2;
      return holdsServices ? visit.REMOVE : undefined;
    },
  });
}
