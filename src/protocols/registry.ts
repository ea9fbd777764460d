import type { Protocol } from '../model/protocol.js';
import type { SeedKind } from '../model/service.js';

interface Words {
  /** Options of its probe; the first is what `ready: { <name>: value }` means. */
  readonly options: readonly string[];
  readonly seeds: readonly SeedKind[];
}

/** What resolving a profile needs to know of each protocol; a test keeps it equal to the protocols themselves. */
export const protocolWords = {
  postgres: { options: ['query'], seeds: ['sql', 'csv'] },
  mysql: { options: [], seeds: ['sql', 'csv'] },
  redis: { options: [], seeds: ['redis'] },
  amqp: { options: [], seeds: [] },
  http: { options: ['path', 'status', 'headers', 'json', 'body', 'port'], seeds: ['http'] },
  wiremock: { options: [], seeds: ['stubs'] },
  mockserver: { options: [], seeds: ['stubs'] },
  tcp: { options: ['port'], seeds: [] },
  'wait-on': { options: ['resource'], seeds: [] },
} as const satisfies Readonly<Record<string, Words>>;

export type ProtocolName = keyof typeof protocolWords;

/** One line per protocol. Loading one loads its driver, so it is worth doing while something else is waited for. */
const loaders: Readonly<Record<ProtocolName, () => Promise<Protocol>>> = {
  postgres: async () => (await import('./postgres/postgres.js')).postgres,
  mysql: async () => (await import('./mysql/mysql.js')).mysql,
  redis: async () => (await import('./redis/redis.js')).redis,
  amqp: async () => (await import('./amqp/amqp.js')).amqp,
  http: async () => (await import('./http/http.js')).http,
  wiremock: async () => (await import('./wiremock/wiremock.js')).wiremock,
  mockserver: async () => (await import('./mockserver/mockserver.js')).mockserver,
  tcp: async () => (await import('./tcp/tcp.js')).tcp,
  'wait-on': async () => (await import('./wait-on/wait-on.js')).waitOnResources,
};

/** Names come from `protocolWords` by way of resolving; another one is a bug. */
export async function loadProtocol(name: string): Promise<Protocol> {
  if (!isProtocolName(name)) throw new Error(`bug: there is no protocol "${name}"`);
  return loaders[name]();
}

function isProtocolName(name: string): name is ProtocolName {
  return Object.hasOwn(loaders, name);
}
