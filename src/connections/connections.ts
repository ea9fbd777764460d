/** Connections and exports of an instance, from its observed replicas alone: no profile is needed. */

import type { Connectable, Connection } from '../model/connection.js';
import { connectionProperty } from '../model/connection.js';
import type { Observed, ServiceRecord } from '../model/observed.js';
import type { Reference } from '../model/template-text.js';
import { fillText, referencesIn } from '../profile/references/template-text.js';
import { upperName } from '../profile/service/parameters.js';
import { type Exports, readConnection, readExports } from './recorded-texts.js';
import { namedParameters, parameterTexts, view } from './view.js';

/** One connection per service that has a record. `secret` looks up the value of a secret parameter. */
export function connectionsOf(
  observed: readonly Observed[],
  secret: (seen: Observed, parameter: string) => string,
): readonly Connection[] {
  const services = new Map<string, Observed[]>();
  for (const seen of observed)
    if (seen.record) services.set(seen.service, [...(services.get(seen.service) ?? []), seen]);
  return [...services.values()].map((replicas) =>
    connectionOf(
      replicas.sort((a, b) => a.replica - b.replica),
      secret,
    ),
  );
}

function connectionOf(
  replicas: readonly Observed[],
  secret: (seen: Observed, parameter: string) => string,
): Connection {
  const [first] = replicas as readonly [Observed, ...Observed[]];
  const record = first.record as ServiceRecord;
  const parameters = {
    ...record.parameters,
    ...Object.fromEntries(Object.keys(record.secrets).map((name) => [name, secret(first, name)])),
  };
  const service: Connectable = { connection: readConnection(record.connection), parameters };
  const outsides = replicas
    .filter((seen) => Object.keys(seen.outside).length > 0)
    .map((seen) => view(service, seen.outside, hostOf(seen)));
  return {
    service: first.service,
    kind: record.kind,
    inside: view(service, record.inside, first.service),
    outside: outsides[0] ?? null,
    urls: outsides.flatMap((outside) => outside.url ?? []),
    parameters: parameterTexts(parameters),
  };
}

const hostOf = (seen: Observed): string => Object.values(seen.outside)[0]?.host ?? '127.0.0.1';

/**
 * `<SERVICE>_URL`, `_HOST`, `_PORT`, `_<PARAMETER>` and `_<PORT>_URL` of every reachable service, then the profile's
 * exports, which win. A profile's export that refers to a service that does not run is left out.
 */
export function exportsOf(
  connections: readonly Connection[],
  observed: readonly Observed[],
  own?: Exports,
): Readonly<Record<string, string>> {
  const records = new Map(observed.flatMap((seen) => (seen.record ? [[seen.service, seen.record] as const] : [])));
  const defaults = Object.assign(
    {},
    ...connections.map((connection) => defaultExports(connection, records.get(connection.service))),
  );
  const services = new Set(connections.map(({ service }) => service));
  const texts = own ?? readExports(latest(observed)?.exports ?? {}, services);
  return { ...defaults, ...ownExports(texts, connections) };
}

/** The record of a service holds the exports of the time it was created. */
function latest(observed: readonly Observed[]): ServiceRecord | null {
  const [newest] = observed.filter(({ record }) => record !== null).toSorted((a, b) => b.createdAt - a.createdAt);
  return newest?.record ?? null;
}

function defaultExports(connection: Connection, record: ServiceRecord | undefined): Readonly<Record<string, string>> {
  const { outside } = connection;
  if (!outside || outside.port === null) return {};
  const prefix = upperName(connection.service);
  const parameters = record ? namedParameters(readConnection(record.connection)) : [];
  const others = Object.entries(outside.ports).filter(([name]) => name !== 'main');
  return {
    ...(outside.url ? { [`${prefix}_URL`]: outside.url } : {}),
    [`${prefix}_HOST`]: outside.host,
    [`${prefix}_PORT`]: String(outside.port),
    ...Object.fromEntries(
      parameters.map((name) => [`${prefix}_${upperName(name)}`, connection.parameters[name] ?? '']),
    ),
    ...Object.fromEntries(others.map(([name, port]) => [`${prefix}_${upperName(name)}_URL`, port.url])),
  };
}

function ownExports(texts: Exports, connections: readonly Connection[]): Readonly<Record<string, string>> {
  const byName = new Map(connections.map((connection) => [connection.service, connection]));
  const valueFor = ({ owner, path }: Reference): string | undefined => {
    const connection = byName.get(owner);
    return connection && connectionProperty(connection, path, 'outside');
  };
  const known = Object.entries(texts).filter(([, text]) =>
    referencesIn(text).every(({ reference }) => valueFor(reference) !== undefined),
  );
  return Object.fromEntries(
    known.map(([name, text]) => [name, fillText(text, (reference) => valueFor(reference) ?? '')]),
  );
}
