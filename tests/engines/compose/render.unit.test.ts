import { describe, expect, test } from 'vitest';
import { renderCompose } from '../../../src/engines/compose/render.js';
import type { JsonMap } from '../../../src/model/json.js';
import { base, type EnvironmentSketch, environmentOf, factsOf, preparedOf } from '../../testing/compose-prepared.js';

function render(
  sketch: Omit<EnvironmentSketch, 'id'>,
  images: Parameters<typeof preparedOf>[1] = {},
  users: ReadonlyMap<string, string> = new Map(),
): JsonMap {
  const environment = environmentOf({ ...sketch, id: 'shop-abc123' });
  return renderCompose(preparedOf(environment, images), { bind: '127.0.0.1', ports: 'all', users });
}

const volume = (source: string, target: string): JsonMap => ({ type: 'volume', source, target });

const serviceOf = (rendered: JsonMap, name: string): JsonMap => (rendered.services as JsonMap)[name] as JsonMap;

describe('renderCompose', () => {
  test('omits the keys that envctl handles itself', () => {
    const compose = {
      image: base,
      build: '.',
      depends_on: { x: {} },
      profiles: ['p'],
      pull_policy: 'always',
      deploy: { replicas: 3, labels: { a: 'b' } },
    };
    const service = serviceOf(render({ services: { app: { compose } } }), 'app');
    for (const key of ['build', 'depends_on', 'profiles', 'pull_policy']) expect(service).not.toHaveProperty(key);
    expect(service.deploy).toEqual({ labels: { a: 'b' } });
  });

  test('passes other Compose keys on, with every dollar sign doubled', () => {
    const compose = {
      image: base,
      environment: { P: 'a$b${c}$$', N: 3 },
      command: ['echo', '$HOME'],
      healthcheck: { test: ['CMD', 'x'] },
      restart: 'always',
    };
    expect(serviceOf(render({ services: { app: { compose } } }), 'app')).toMatchObject({
      environment: { P: 'a$$b$${c}$$$$', N: '3' },
      command: ['echo', '$$HOME'],
      healthcheck: { test: ['CMD', 'x'] },
      restart: 'always',
    });
  });

  test('publishes the ports of envctl on loopback, and no others', () => {
    const service = serviceOf(
      render({
        services: {
          app: {
            compose: { image: base, ports: ['0.0.0.0:80:80'] },
            ports: { main: 8000, admin: { inside: 9000, fixed: 9001 } },
          },
        },
      }),
      'app',
    );
    expect(service.ports).toEqual([
      { target: 8000, host_ip: '127.0.0.1', protocol: 'tcp', mode: 'host' },
      { target: 9000, host_ip: '127.0.0.1', protocol: 'tcp', mode: 'host', published: '9001' },
    ]);
  });

  test('removes shared names and turns a container name into an alias', () => {
    const rendered = render({
      services: {
        db: { compose: { image: base, container_name: 'the-db', networks: ['back', 'front'] } },
        app: { compose: { image: base, container_name: 'the-app' } },
      },
      compose: {
        networks: { back: { name: 'old' }, front: null, outer: { external: true, name: 'outer-net' } },
        volumes: { v: { name: 'oldv' }, w: { external: true } },
      },
    });
    expect(serviceOf(rendered, 'db').networks).toEqual({
      back: { aliases: ['the-db'] },
      front: { aliases: ['the-db'] },
    });
    expect(serviceOf(rendered, 'app').networks).toEqual({ default: { aliases: ['the-app'] } });
    expect(serviceOf(rendered, 'db')).not.toHaveProperty('container_name');
    const networks = rendered.networks as JsonMap;
    expect(networks.back).not.toHaveProperty('name');
    expect(networks.outer).toEqual({ external: true, name: 'outer-net' });
    expect((rendered.volumes as JsonMap).v).not.toHaveProperty('name');
    expect((rendered.volumes as JsonMap).w).toEqual({ external: true });
  });

  test('labels containers, networks and volumes with the instance', () => {
    const rendered = render({
      services: { db: { compose: { image: base, labels: ['own=1'], volumes: [volume('vol', '/d')] }, keep: true } },
      compose: { volumes: { vol: null } },
    });
    const labels = serviceOf(rendered, 'db').labels as JsonMap;
    expect(labels).toMatchObject({
      own: '1',
      'envctl.instance': 'shop-abc123',
      'envctl.profile': 'test',
      'envctl.service': 'db',
    });
    expect(JSON.parse(String(labels['envctl.record']))).toMatchObject({ kind: 'app', keep: true });
    expect((rendered.networks as JsonMap).default).toMatchObject({ labels: { 'envctl.instance': 'shop-abc123' } });
    expect((rendered.volumes as JsonMap).vol).toMatchObject({
      labels: { 'envctl.instance': 'shop-abc123', 'envctl.service': 'db', 'envctl.keep': 'yes' },
    });
  });

  test('gives no networks and ports to a service that shares a network', () => {
    const rendered = render({
      services: {
        a: {},
        b: { compose: { image: base, network_mode: 'service:a' }, ports: { main: 80 } },
        h: { compose: { image: base, network_mode: 'host' } },
      },
    });
    expect(serviceOf(rendered, 'b')).not.toHaveProperty('networks');
    expect(serviceOf(rendered, 'b')).not.toHaveProperty('ports');
    expect(serviceOf(rendered, 'a').extra_hosts).toEqual({ 'host.docker.internal': 'host-gateway' });
  });
});

describe('stores of a rendered service', () => {
  const volumesOf = (service: JsonMap): string[] =>
    ((service.volumes ?? []) as JsonMap[]).map(({ source, target }) => `${source ?? ''} ${target}`);

  test('stores on disk are named volumes', () => {
    const rendered = render({ services: { db: { data: ['/var/lib/data'] } } });
    const [volume = ''] = volumesOf(serviceOf(rendered, 'db'));
    expect(volume).toMatch(/^db-data-[0-9a-f]{6} \/var\/lib\/data$/);
    expect(Object.keys(rendered.volumes as JsonMap)).toEqual([volume.split(' ')[0]]);
  });

  test('stores in memory are tmpfs mounts that allow programs to run', () => {
    expect(serviceOf(render({ services: { db: { data: ['/d'] } }, storage: 'memory' }), 'db').tmpfs).toEqual([
      '/d:exec,mode=1777',
    ]);
  });

  test.each([
    ['1000:1001', '/d:exec,mode=0700,uid=1000,gid=1001'],
    ['999', '/d:exec,mode=0700,uid=999'],
    ['root', '/d:exec,mode=1777'],
  ])('a store in memory belongs to the user %s', (user, expected) => {
    const image = factsOf(base, { id: 'sha256:1' });
    expect(
      serviceOf(
        render({ services: { db: { data: ['/d'] } }, storage: 'memory' }, { db: image }, new Map([['sha256:1', user]])),
        'db',
      ).tmpfs,
    ).toEqual([expected]);
  });

  test('a store stays on disk if its user is known by name only', () => {
    const image = factsOf(base, { id: 'sha256:1' });
    const service = serviceOf(
      render({ services: { db: { data: ['/d'] } }, storage: 'memory' }, { db: image }, new Map([['sha256:1', 'app']])),
      'db',
    );
    expect(service).not.toHaveProperty('tmpfs');
    expect(volumesOf(service)).toEqual([expect.stringMatching(/^db-d-[0-9a-f]{6} \/d$/)]);
  });

  test('named volumes cover the paths that an image declares, and anonymous volumes', () => {
    const service = serviceOf(
      render(
        {
          services: {
            db: {
              compose: { image: base, volumes: [{ type: 'volume', target: '/anon' }] },
              data: ['/d'],
            },
          },
          storage: 'memory',
        },
        { db: factsOf(base, { volumes: ['/d', '/other/'] }) },
      ),
      'db',
    );
    expect(service.tmpfs).toEqual(['/d:exec,mode=1777']);
    expect(volumesOf(service)).toEqual([
      expect.stringMatching(/^db-other-[0-9a-f]{6} \/other$/),
      expect.stringMatching(/^db-anon-[0-9a-f]{6} \/anon$/),
    ]);
  });

  test('paths that the service mounts itself get no store', () => {
    const compose = {
      image: base,
      volumes: [volume('mine', '/d'), { type: 'bind', source: '/srv', target: '/e' }],
      tmpfs: '/f',
    };
    const service = serviceOf(
      render(
        { services: { db: { compose, data: ['/d', '/e', '/f'] } }, compose: { volumes: { mine: null } } },
        { db: factsOf(base, { volumes: ['/d', '/e', '/f'] }) },
      ),
      'db',
    );
    expect(service.volumes).toEqual(compose.volumes);
    expect(service.tmpfs).toEqual(['/f']);
  });

  test('replicas get anonymous volumes, because they cannot share a store', () => {
    const rendered = render({ services: { db: { data: ['/d'], scale: 2 } } });
    expect(serviceOf(rendered, 'db').volumes).toEqual([{ type: 'volume', target: '/d' }]);
    expect(rendered.volumes).toEqual({});
  });

  test('stores of paths with the same last part have different names', () => {
    const [first, second] = volumesOf(serviceOf(render({ services: { db: { data: ['/a/data', '/b/data'] } } }), 'db'));
    expect(first?.split(' ')[0]).not.toBe(second?.split(' ')[0]);
  });
});
