import { describe, expect, test } from 'vitest';
import type { Observed } from '../../src/model/observed.js';
import type { Prepared } from '../../src/model/workload.js';
import { changesAnything, planUp } from '../../src/plan/plan.js';
import { prepare, running } from '../testing/preparing.js';
import { composeLayer } from '../testing/resolving.js';

const planned = (prepared: Prepared, observed: readonly Observed[]) =>
  planUp(prepared, observed, { removeOrphans: true, reuse: 'reconcile', named: [] });
/** Removals and starts, with their causes. */
const changes = (prepared: Prepared, observed: readonly Observed[]): readonly string[] =>
  planned(prepared, observed).nodes.flatMap(({ step, service, cause }) =>
    step === 'remove' || step === 'start' ? [`${step} ${service} (${cause})`] : [],
  );

const shop = `services:
  db: { template: postgres, seed: [{ sql: a.sql }] }
  migrate: { image: app, once: true, environment: { U: "\${db.url}" } }
  app: { image: app, environment: { U: "\${db.url}" }, depends_on: [migrate] }
  web: { image: web, depends_on: [app] }
  mail: { image: mail }`;

describe('a second up', () => {
  test('changes nothing', () => {
    const prepared = prepare(shop);
    expect(changesAnything(planned(prepared, running(prepared)))).toBe(false);
  });
  test('changes nothing if a service of a Compose file exited with code 0', () => {
    const prepared = prepare(
      composeLayer('services: { init: { image: x }, app: { image: y, ports: [80], depends_on: { init: {} } } }'),
    );
    expect(changesAnything(planned(prepared, running(prepared, { init: { state: 'exited', exitCode: 0 } })))).toBe(
      false,
    );
    expect(changes(prepared, running(prepared, { init: { state: 'exited', exitCode: 1 } }))).toEqual([
      'start init (stopped)',
    ]);
  });
  test('recreates changed services and all their dependents, with the cause', () => {
    const prepared = prepare(shop, { images: { migrate: 'sha256:2', app: 'sha256:2' } });
    expect(changes(prepared, running(prepare(shop)))).toEqual([
      'remove migrate (image changed)',
      'remove app (image changed)',
      'remove web (app is recreated)',
      'start migrate (image changed)',
      'start app (image changed)',
      'start web (app is recreated)',
    ]);
  });
  test('detects a change in any replica', () => {
    const prepared = prepare('services: { a: { image: x, scale: 2 } }');
    const observed = running(prepared).map((seen) =>
      seen.replica === 2 ? { ...seen, fingerprint: 'old-old-old' } : seen,
    );
    expect(changes(prepared, observed)).toEqual([
      'remove a (configuration changed)',
      'start a (configuration changed)',
    ]);
  });
  test('reruns jobs when the data they wrote is lost', () => {
    const prepared = prepare(shop);
    const withoutDb = running(prepared).filter(({ service }) => service !== 'db');
    const again = (cause: string) => [
      `remove migrate (db ${cause})`,
      'remove app (migrate is recreated)',
      'remove web (app is recreated)',
      `start migrate (db ${cause})`,
      'start app (migrate is recreated)',
      'start web (app is recreated)',
    ];
    expect(changes(prepared, withoutDb)).toEqual([
      ...again('is new').slice(0, 3),
      'start db (not running)',
      ...again('is new').slice(3),
    ]);
    const stopped = { db: { state: 'exited', exitCode: 0 } } as const;
    expect(changes(prepared, running(prepared, stopped))).toEqual([
      ...again('lost its data').slice(0, 3),
      'start db (stopped)',
      ...again('lost its data').slice(3),
    ]);
    const onDisk = prepare(shop, {}, { storage: 'disk' });
    expect(changes(onDisk, running(onDisk, stopped))).toEqual(['start db (stopped)']);
  });
  test('does not restart a running service when a service it needs is started', () => {
    const prepared = prepare(shop);
    const withoutApp = running(prepared).filter(({ service }) => service !== 'app');
    expect(changes(prepared, withoutApp)).toEqual(['start app (not running)']);
  });
  test('resumes paused services and waits for restarting ones', () => {
    const prepared = prepare(shop);
    expect(changes(prepared, running(prepared, { mail: { state: 'paused' }, web: { state: 'restarting' } }))).toEqual([
      'start mail (paused)',
    ]);
  });
  test('waits for a job that is still running', () => {
    const prepared = prepare(shop);
    const nodes = planned(prepared, running(prepared, { migrate: { state: 'running', exitCode: null } })).nodes;
    expect(nodes.filter(({ service }) => service === 'migrate').map(({ id }) => id)).toEqual([
      'reuse:migrate',
      'gate:migrate',
    ]);
  });
  test('removes all replicas of a service with scale 0', () => {
    const none = prepare('services: { a: { image: x, scale: 0 } }');
    expect(changesAnything(planned(none, []))).toBe(false);
    expect(changes(none, running(prepare('services: { a: { image: x } }')))).toEqual(['remove a (scaled down)']);
  });
});

describe('an image that is not pulled yet', () => {
  test('is not reported as a change', () => {
    const unknown = prepare(shop, { images: { mail: '' } });
    const { nodes } = planned(unknown, running(prepare(shop)));
    expect(nodes.find(({ id }) => id === 'reuse:mail')?.cause).toBe('unchanged, image not pulled yet');
    expect(changesAnything({ instance: '', nodes })).toBe(false);
  });
});

describe('plan nodes', () => {
  test('depend on the start, gate or seed node of another service', () => {
    const text = `services:
  db: { template: postgres, seed: [{ sql: a.sql }] }
  a: { image: x, depends_on: { db: { condition: service_started } } }
  b: { image: x, depends_on: [db] }
  c: { image: x, depends_on: [a] }`;
    const after = Object.fromEntries(planned(prepare(text), []).nodes.map((node) => [node.id, node.after]));
    expect(after).toMatchObject({
      'start:a': ['create', 'start:db'],
      'start:b': ['create', 'seed:db'],
      'start:c': ['create', 'gate:a'],
      'gate:b': ['start:b'],
      'seed:db': ['gate:db'],
    });
  });
  test('depend on the reuse node of a service that is reused', () => {
    const text = 'services: { a: { image: x }, b: { image: y, depends_on: { a: { condition: service_started } } } }';
    const prepared = prepare(text);
    const onlyA = running(prepared).filter(({ service }) => service === 'a');
    expect(planned(prepared, onlyA).nodes.find(({ id }) => id === 'start:b')?.after).toEqual(['create', 'reuse:a']);
  });
  test('create all new workloads in one step after all removals', () => {
    const prepared = prepare(shop);
    const { nodes } = planned(prepared, running(prepared, { mail: { state: 'created' } }));
    expect(nodes[0]).toMatchObject({ id: 'remove:mail', keepReplicas: 0, after: [] });
    expect(nodes[1]).toMatchObject({ id: 'create', services: ['mail'], after: ['remove:mail'] });
  });
});
