import { EnvctlError } from '../../../model/errors.js';
import { asList, asMap, isMap, type Json, type JsonMap, knownDepth, mergeMaps } from '../../../model/json.js';
import type { Document, Position } from '../../../model/profile.js';

const extension = 'x-envctl';

/**
 * The document for Compose's output, with the keys restored that Compose was not given: `depends_on` and `x-envctl`.
 * `documents` are the files, lowest layer first.
 */
export function adopt(composed: JsonMap, documents: readonly Document[]): Document {
  const { services, [extension]: extended, name, include: _, ...rest } = composed;
  const isNamed = documents.some(({ value }) => value.name !== undefined);
  const adopted = Object.entries(asMap(services)).map(([service, value]): [string, Json] => [
    service,
    adoptService(asMap(value), service, documents),
  ]);
  return {
    path: documents.at(-1)?.path ?? '',
    value: {
      ...rest,
      ...(isNamed && name !== undefined ? { name } : {}),
      ...extensionOf([extended, ...documents.map(({ value }) => value[extension])]),
      services: Object.fromEntries(adopted),
    },
    position: (path) => positionIn(documents, path),
  };
}

function adoptService(composed: JsonMap, service: string, documents: readonly Document[]): JsonMap {
  const { [extension]: extended, depends_on: inherited, ...compose } = composed;
  const layers = documents.map(({ value }) => asMap(asMap(value.services)[service]));
  const envctl = extensionOf([extended, ...layers.map((layer) => layer[extension])]);
  if (isMap(asMap(envctl[extension]).ports) && compose.ports !== undefined) throw ambiguousPorts(service, documents);
  const dependencies = asMap(
    Object.assign({}, ...[inherited, ...layers.map((layer) => layer.depends_on)].map(dependenciesIn)),
  );
  return { ...compose, ...(Object.keys(dependencies).length > 0 ? { depends_on: dependencies } : {}), ...envctl };
}

/** `x-envctl` of all layers, lowest first. */
function extensionOf(layers: readonly (Json | undefined)[]): JsonMap {
  const merged = layers.map(asMap).reduce((below, above) => mergeMaps(below, above, 'keep'), {});
  return Object.keys(merged).length > 0 ? { [extension]: merged } : {};
}

/** The short form has no condition: for envctl it means more than Compose's `service_started`. */
function dependenciesIn(value: Json | undefined): JsonMap {
  return isMap(value) ? value : Object.fromEntries(asList(value).map((service) => [String(service), {}]));
}

function ambiguousPorts(service: string, documents: readonly Document[]): EnvctlError {
  return new EnvctlError(
    'PROFILE_INVALID',
    `Service "${service}" has both Compose's \`ports\` and \`ports\` under ${extension}`,
    {
      hint: `Use \`${extension}: { port: … }\` for a single port, or remove one of the two.`,
      position: positionIn(documents, ['services', service, extension, 'ports']),
      service,
    },
  );
}

/** The position in the last of the files that know the longest part of the path. */
export function positionIn(documents: readonly Document[], path: readonly (string | number)[]): Position {
  const depths = documents.map(({ value }) => knownDepth(value, path));
  return documents[depths.lastIndexOf(Math.max(...depths))]?.position(path) ?? { file: '', line: 1, column: 1 };
}
