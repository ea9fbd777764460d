import { describe, expect, test } from 'vitest';
import type { Observed } from '../../src/model/observed.js';
import type { Prepared } from '../../src/model/workload.js';
import { changesAnything, planUp } from '../../src/plan/plan.js';
import { prepare, running } from '../testing/preparing.js';
import { composeLayer } from '../testing/resolving.js';

const planned = (prepared: Prepared, observed: readonly Observed[]) =>
  planUp(prepared, observed, { removeOrphans: true, reuse: 'reconcile', named: [] });
/** What is removed and started, with the cause. */
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
  test('changes nothing where a Compose file’s service has ended well by itself', () => {
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
  test('recreates what changed and what needs it, as far as that goes, with the cause', () => {
    const prepared = prepare(shop, { images: { migrate: 'sha256:2', app: 'sha256:2' } });
    expect(changes(prepared, running(prepare(shop)))).toEqual([
      'remove migrate (image changed)',
      'remove app (image changed)',
      'remove web (app is renewed)',
      'start migrate (image changed)',
      'start app (image changed)',
      'start web (app is renewed)',
    ]);
  });
  test('sees a change of any replica', () => {
    const prepared = prepare('services: { a: { image: x, scale: 2 } }');
    const observed = running(prepared).map((seen) =>
      seen.replica === 2 ? { ...seen, fingerprint: 'old-old-old' } : seen,
    );
    expect(changes(prepared, observed)).toEqual([
      'remove a (configuration changed)',
      'start a (configuration changed)',
    ]);
  });
  test('does what jobs did once more where it is lost: the store is new, or was in memory and stopped', () => {
    const prepared = prepare(shop);
    const withoutDb = running(prepared).filter(({ service }) => service !== 'db');
    const again = [
      'remove migrate (db is renewed)',
      'remove app (migrate is renewed)',
      'remove web (app is renewed)',
      'start migrate (db is renewed)',
      'start app (migrate is renewed)',
      'start web (app is renewed)',
    ];
    expect(changes(prepared, withoutDb)).toEqual([...again.slice(0, 3), 'start db (not running)', ...again.slice(3)]);
    const stopped = { db: { state: 'exited', exitCode: 0 } } as const;
    expect(changes(prepared, running(prepared, stopped))).toEqual([
      ...again.slice(0, 3),
      'start db (stopped)',
      ...again.slice(3),
    ]);
    const onDisk = prepare(shop, {}, { storage: 'disk' });
    expect(changes(onDisk, running(onDisk, stopped))).toEqual(['start db (stopped)']);
  });
  test('lets run what runs while something it needs is started', () => {
    const prepared = prepare(shop);
    const withoutApp = running(prepared).filter(({ service }) => service !== 'app');
    expect(changes(prepared, withoutApp)).toEqual(['start app (not running)']);
  });
  test('goes on with what was paused, and waits for what restarts', () => {
    const prepared = prepare(shop);
    expect(changes(prepared, running(prepared, { mail: { state: 'paused' }, web: { state: 'restarting' } }))).toEqual([
      'start mail (paused)',
    ]);
  });
  test('waits for a job that still runs', () => {
    const prepared = prepare(shop);
    const nodes = planned(prepared, running(prepared, { migrate: { state: 'running', exitCode: null } })).nodes;
    expect(nodes.filter(({ service }) => service === 'migrate').map(({ id }) => id)).toEqual([
      'keep:migrate',
      'gate:migrate',
    ]);
  });
  test('with a scale of 0 wants none', () => {
    const none = prepare('services: { a: { image: x, scale: 0 } }');
    expect(changesAnything(planned(none, []))).toBe(false);
    expect(changes(none, running(prepare('services: { a: { image: x } }')))).toEqual(['remove a (fewer wanted)']);
  });
});

describe('before images are here', () => {
  test('nothing is called changed for an image that nobody has looked at', () => {
    const unknown = prepare(shop, { images: { mail: '' } });
    const { nodes } = planned(unknown, running(prepare(shop)));
    expect(nodes.find(({ id }) => id === 'keep:mail')?.cause).toBe('unchanged, but for its image (decided after pull)');
    expect(changesAnything({ instance: '', nodes })).toBe(false);
  });
});

describe('the nodes of a plan', () => {
  test('wait for the node that is meant: start, gate or seeds', () => {
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
  test('name the kept node where what is needed is kept', () => {
    const text = 'services: { a: { image: x }, b: { image: y, depends_on: { a: { condition: service_started } } } }';
    const prepared = prepare(text);
    const onlyA = running(prepared).filter(({ service }) => service === 'a');
    expect(planned(prepared, onlyA).nodes.find(({ id }) => id === 'start:b')?.after).toEqual(['create', 'keep:a']);
  });
  test('make all new workloads at once, after everything that is in the way is gone', () => {
    const prepared = prepare(shop);
    const { nodes } = planned(prepared, running(prepared, { mail: { state: 'created' } }));
    expect(nodes[0]).toMatchObject({ id: 'remove:mail', keepReplicas: 0, after: [] });
    expect(nodes[1]).toMatchObject({ id: 'create', services: ['mail'], after: ['remove:mail'] });
  });
});
