import type { Scalar } from './json.js';
import type { ConnectionTemplate } from './profile.js';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Addresses of one service by port name. */
export type Addresses = Readonly<Record<string, Address>>;

/** A service as seen from one side. */
export interface View {
  readonly url: string | null;
  readonly host: string;
  /** null: the service has no port. */
  readonly port: number | null;
  readonly ports: Readonly<Record<string, { readonly url: string; readonly host: string; readonly port: number }>>;
  readonly env: Readonly<Record<string, string>>;
}

/** A service as seen from inside (by other services) and from outside (by programs on this host). */
export interface Connection {
  readonly service: string;
  readonly kind: string;
  readonly inside: View;
  /** Replica 1; null: not reachable from this host. */
  readonly outside: View | null;
  /** Outside URLs of all replicas. */
  readonly urls: readonly string[];
  /** Parameter values (`database`, `user` …) that references may read, secrets included. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** The input of a view. */
export interface Connectable {
  readonly connection: ConnectionTemplate;
  readonly parameters: Readonly<Record<string, Scalar>>;
}

/** A service as references see it. */
export interface ReferableService extends Connectable {
  readonly ports: Readonly<Record<string, unknown>>;
}

interface ConnectionProperty {
  readonly exists: (service: ReferableService) => boolean;
  /** Names of which one must follow (`env.PGUSER`); absent: the property ends the reference. */
  readonly members?: (service: ReferableService) => readonly string[];
  /** undefined: not known on that side. */
  readonly value: (view: View, urls: readonly string[], member: string) => string | undefined;
}

const hasMain = ({ ports }: ReferableService): boolean => Object.hasOwn(ports, 'main');
const hasUrl = (service: ReferableService): boolean => hasMain(service) && service.connection.url !== null;

/** Every property a reference can read from a connection, besides parameters and named ports. */
const properties: Readonly<Record<string, ConnectionProperty>> = {
  host: { exists: () => true, value: ({ host }) => host },
  port: { exists: hasMain, value: ({ port }) => (port === null ? undefined : String(port)) },
  url: { exists: hasUrl, value: ({ url }) => url ?? undefined },
  urls: { exists: hasUrl, value: (_, urls) => (urls.length > 0 ? urls.join(',') : undefined) },
  env: {
    exists: ({ connection }) => Object.keys(connection.env).length > 0,
    members: ({ connection }) => Object.keys(connection.env),
    value: ({ env }, _, name) => own(env, name),
  },
};
export const propertyNames: readonly string[] = Object.keys(properties);

const portMembers = ['url', 'host', 'port'] as const;

/** The names that may follow a service's name in a reference. */
export function propertiesOf(service: ReferableService): readonly string[] {
  const fixed = propertyNames.filter((name) => own(properties, name)?.exists(service));
  const ports = Object.keys(service.ports).filter((name) => name !== 'main');
  return [...new Set([...fixed, ...ports, ...Object.keys(service.parameters)])];
}

/** The names of which one must follow a property; empty: the property ends the reference. */
export function membersOf(service: ReferableService, property: string): readonly string[] {
  const fixed = own(properties, property);
  if (fixed) return fixed.members?.(service) ?? [];
  const isPort = Object.hasOwn(service.ports, property) && !Object.hasOwn(service.parameters, property);
  return isPort && property !== 'main' ? portMembers : [];
}

/** The value of a reference's path on a connection; undefined: not known on that side. */
export function connectionProperty(
  connection: Connection,
  path: readonly string[],
  side: 'inside' | 'outside',
): string | undefined {
  const [first = '', second = ''] = path;
  if (first === 'inside' || first === 'outside') return connectionProperty(connection, path.slice(1), first);
  if (path.length === 1 && Object.hasOwn(connection.parameters, first)) return connection.parameters[first];
  const view = connection[side];
  if (!view) return undefined;
  const property = own(properties, first);
  if (property) return property.value(view, side === 'outside' ? connection.urls : [], second);
  const port = own(view.ports, first);
  const member = portMembers.find((name) => name === second);
  return port && member && String(port[member]);
}

const own = <Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;
