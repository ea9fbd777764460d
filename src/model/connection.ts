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

/** The input of a view; a resolved Service and a ServiceRecord both have it. */
export interface Connectable {
  readonly connection: ConnectionTemplate;
  readonly parameters: Readonly<Record<string, Scalar>>;
}

/** The names a reference to this service may use. */
export function connectionPropertyNames(
  service: Connectable & { readonly ports: Readonly<Record<string, unknown>> },
): readonly string[] {
  const ports = Object.keys(service.ports);
  const main = ports.includes('main') ? ['port', ...(service.connection.url ? ['url', 'urls'] : [])] : [];
  return [
    'host',
    ...main,
    ...ports.filter((name) => name !== 'main'),
    ...Object.keys(service.parameters),
    ...(Object.keys(service.connection.env).length > 0 ? ['env'] : []),
  ];
}
