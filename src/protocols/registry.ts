import type { Protocol } from '../model/protocol.js';
import type { SeedKind } from '../model/service.js';

/** The properties of a protocol that resolving a profile needs, known without loading its driver. */
interface ProtocolEntry {
  /** Options of its probe; the first is what `ready: { <name>: value }` means. */
  readonly options: readonly string[];
  readonly seeds: readonly SeedKind[];
  readonly load: () => Promise<Protocol>;
}

/** Checks that a protocol runs every kind of seed its entry lists. */
const protocol = <const K extends SeedKind>(
  entry: ProtocolEntry & { readonly seeds: readonly K[]; readonly load: () => Promise<Protocol<K>> },
): ProtocolEntry => entry;

/** One entry per protocol. `load` loads its driver too. */
export const protocols = {
  postgres: protocol({
    options: ['query'],
    seeds: ['sql', 'csv'],
    load: async () => (await import('./postgres/postgres.js')).postgres,
  }),
  mysql: protocol({
    options: [],
    seeds: ['sql', 'csv'],
    load: async () => (await import('./mysql/mysql.js')).mysql,
  }),
  redis: protocol({ options: [], seeds: ['redis'], load: async () => (await import('./redis/redis.js')).redis }),
  amqp: protocol({ options: [], seeds: [], load: async () => (await import('./amqp/amqp.js')).amqp }),
  http: protocol({
    options: ['path', 'status', 'headers', 'json', 'body', 'port'],
    seeds: ['http'],
    load: async () => (await import('./http/http.js')).http,
  }),
  wiremock: protocol({
    options: [],
    seeds: ['stubs'],
    load: async () => (await import('./wiremock/wiremock.js')).wiremock,
  }),
  mockserver: protocol({
    options: [],
    seeds: ['stubs'],
    load: async () => (await import('./mockserver/mockserver.js')).mockserver,
  }),
  tcp: protocol({ options: ['port'], seeds: [], load: async () => (await import('./tcp/tcp.js')).tcp }),
  'wait-on': protocol({
    options: ['resource'],
    seeds: [],
    load: async () => (await import('./wait-on/wait-on.js')).waitOnResources,
  }),
};

export type ProtocolName = keyof typeof protocols;

/** The name comes from a resolved profile; an unknown one is a bug. */
export async function loadProtocol(name: string): Promise<Protocol> {
  if (!isProtocolName(name)) throw new Error(`bug: there is no protocol "${name}"`);
  return protocols[name].load();
}

function isProtocolName(name: string): name is ProtocolName {
  return Object.hasOwn(protocols, name);
}
