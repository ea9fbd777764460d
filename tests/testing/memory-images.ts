/** Images and addresses for services that run nowhere. */

import type { Addresses } from '../../src/model/connection.js';
import type { PrepareOptions } from '../../src/model/engine.js';
import type { Environment } from '../../src/model/environment.js';
import type { Port } from '../../src/model/service.js';
import type { ImageMetadata, Preparation } from '../../src/model/workload.js';

export interface Invention {
  /** Scripted metadata of a service's image. */
  readonly image: (service: string) => Partial<ImageMetadata>;
  /** Another number each time. */
  readonly number: () => number;
}

/** The preparation of the memory engine. Reserved ports are those that the instance already has. */
export function madeUp(
  { services }: Environment,
  { reserve, observed }: PrepareOptions,
  { image, number }: Invention,
): Preparation {
  const none = { healthcheck: null, volumes: [] };
  const kept = (service: string, port: string): number | undefined =>
    observed.find((seen) => seen.service === service)?.record?.reserved[port];
  const outside = (name: string, ports: readonly [string, Port][]): Addresses => {
    const fixed = ports.flatMap(([port, each]) => (each.fixed === null ? [] : [[port, each.fixed] as const]));
    const wanted = reserve
      .filter(({ service }) => service === name)
      .map(({ port }) => [port, kept(name, port) ?? 30_000 + number()] as const);
    return addresses('127.0.0.1', [...wanted, ...fixed]);
  };
  const inside = (name: string, ports: readonly [string, Port][]): Addresses =>
    addresses(
      name,
      ports.map(([port, each]) => [port, each.inside]),
    );
  const each = <T>(make: (name: string, ports: readonly [string, Port][]) => T): Record<string, T> =>
    Object.fromEntries(services.map(({ name, ports }) => [name, make(name, Object.entries(ports))]));
  return {
    images: each((name) => ({ id: `sha256:${name}`, reference: name, ...none, ...image(name) })),
    inside: each(inside),
    outside: each(outside),
  };
}

export function addresses(host: string, ports: readonly (readonly [string, number])[]): Addresses {
  return Object.fromEntries(ports.map(([name, port]) => [name, { host, port }]));
}
