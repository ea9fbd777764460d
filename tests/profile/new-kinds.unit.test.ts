/** A new kind of seed or probe is one declaration and one line in a list: everything else follows. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Environment } from '../../src/model/environment.js';
import type { EnvEvent } from '../../src/model/events.js';

const topics = {
  kind: 'topics',
  keys: {
    topics: { type: 'path', required: true, describe: 'YAML file of topics' },
    partitions: { type: 'integer' },
  },
  read: (values: { readonly topics: string; readonly partitions?: number }) => ({
    file: values.topics,
    partitions: values.partitions ?? 1,
  }),
  title: ({ file }: { readonly file: string }) => `from ${file}`,
  unit: 'topics',
  changed: 'reapply',
  interrupted: 'rerun',
  run: async () => 3,
};

const path = {
  kind: 'path',
  form: 'map',
  keys: { path: { type: 'template', required: true, describe: 'Path that must exist in the service' } },
  read: ({ path: text }: { readonly path: unknown }) => ({ text }),
  title: ({ text }: { readonly text: string }) => `path ${text}`,
  askedFrom: 'service',
  cheap: true,
  bind: ({ text }: { readonly text: string }, fill: { readonly text: (text: string) => string }) => ({
    text: fill.text(text),
  }),
  ask: async ({ text }: { readonly text: string }) => ({ kind: 'not-yet', why: `${text} is missing` }),
};

/** Loads all modules again with one more line in each list, as the new files would add it. */
async function modulesWithNewKinds() {
  vi.resetModules();
  const seeds = await import('../../src/profile/seeds/kinds.js');
  const probes = await import('../../src/profile/probes/kinds.js');
  const { seedKind } = await import('../../src/profile/seeds/seed-kind.js');
  const { probeKind } = await import('../../src/profile/probes/probe-kind.js');
  const declare = (kind: unknown, declaration: object): object => (kind as (one: object) => object)(declaration);
  Object.assign(seeds.seedKinds, { topics: declare(seedKind, topics) });
  Object.assign(probes.probeKinds, { path: declare(probeKind, path) });
  (seeds.seedKindNames as string[]).push('topics');
  (probes.probeKindNames as string[]).push('path');
  return {
    ...(await import('../../src/files/schema.js')),
    ...(await import('../../src/plan/plan.js')),
    ...(await import('../../src/run/readiness/probes.js')),
    ...(await import('../../src/run/seeding/seed-service.js')),
    ...(await import('../testing/environments.js')),
  };
}

describe('a kind declared by one object and one line in its list', () => {
  let modules: Awaited<ReturnType<typeof modulesWithNewKinds>>;
  beforeAll(async () => {
    modules = await modulesWithNewKinds();
  });
  afterAll(() => {
    vi.resetModules();
  });
  const resolve = (service: string): Environment =>
    modules.resolveProfile(`services: { bus: { image: x, ${service} } }`);
  const refused = (service: string): unknown => {
    try {
      resolve(service);
    } catch (error) {
      return `${(error as Error).message} → ${(error as { hint?: string }).hint}`;
    }
    return 'accepted';
  };
  const seeded = 'seed: [{ topics: bus.yaml, partitions: 2 }]';
  const gated = 'ready: { path: "/run/${bus.inside.host}", timeout: 5s }';

  test('is in the schema', () => {
    const text = JSON.stringify(modules.profileJsonSchema());
    expect(text).toContain('YAML file of topics');
    expect(text).toContain('Path that must exist in the service');
    expect(text).toContain('One probe: http, tcp, log, exec, command, path or the name of a protocol');
  });

  test('is read, with its paths absolute and its texts as templates', () => {
    const [service] = resolve(`${seeded}, ${gated}`).services;
    expect(service?.seed.steps).toMatchObject([
      { kind: 'topics', file: '/project/environments/bus.yaml', partitions: 2 },
    ]);
    expect(service?.gate).toMatchObject({ probes: [{ kind: 'path' }], timeoutMs: 5000 });
  });

  test('has error messages with the nearest key', () => {
    expect(refused('seed: [{ topcs: bus.yaml }]')).toMatch(/Unknown key "topcs" → Did you mean "topics"\?/);
    expect(refused('seed: [{ topics: bus.yaml, partitons: 2 }]')).toMatch(/"partitons" → Did you mean "partitions"\?/);
    expect(refused('seed: [5]')).toMatch(/Expected a map with one of sql, .*, topics\./);
    expect(refused('ready: { pth: /x }')).toMatch(/Unknown probe "pth" → Did you mean "path"\?/);
    expect(refused('ready: { path: /x, times: 2 }')).toMatch(/Probe "path" has no option "times"/);
  });

  test('is named in the plan, with its references filled in', () => {
    const environment = resolve(`${seeded}, ${gated}`);
    const prepared = modules.bind(environment, modules.preparationOf(environment));
    const plan = modules.renderPlan(
      modules.planUp(prepared, [], { removeOrphans: true, reuse: 'reconcile', named: [] }),
    );
    expect(plan).toContain('gate bus (path /run/bus)');
    expect(plan).toContain('seed bus (1 step)');
  });

  test('is asked, and applied with progress', async () => {
    const environment = resolve(`${seeded}, ${gated}`);
    const [service] = modules.bind(environment, modules.preparationOf(environment)).environment.services;
    if (!service) throw new Error('the profile has one service');
    const signal = new AbortController().signal;
    const access = { service: 'bus', signal } as never;
    const host = { read: async () => new Uint8Array(), stat: async () => null } as never;
    const protocol = () => Promise.reject(new Error('not asked for'));
    const attempt = { host, signal, protocol, access: () => access, followMs: 0 };
    expect(await modules.askProbes(service.gate.probes, attempt)).toEqual({
      probe: 'path /run/bus',
      result: { kind: 'not-yet', why: '/run/bus is missing' },
    });
    const events: EnvEvent[] = [];
    await modules.seedService(service, {
      ...attempt,
      access,
      emit: (event) => void events.push(event),
      notes: { read: async () => [], write: async () => undefined },
      reuse: 'reconcile',
      resolve: () => '',
      exports: () => ({}),
      execIn: () => Promise.reject(new Error('not asked for')),
    });
    expect(events).toMatchObject([
      { type: 'seeding', step: 'topics from /project/environments/bus.yaml', state: 'running' },
      { type: 'seeding', state: 'done', detail: expect.stringMatching(/^3 topics in /) },
    ]);
  });
});
