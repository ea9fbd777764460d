import type { Scalar } from './json.js';
import type { ConnectionTexts } from './profile.js';

/** What a view is made of; a resolved Service and a ServiceRecord both have it. */
export interface Connectable {
  readonly connection: ConnectionTexts;
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
