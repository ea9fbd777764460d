import { describe, expect, test } from 'vitest';
import type { Observed } from '../../src/model/observed.js';
import type { Prepared } from '../../src/model/workload.js';
import { planUp, renderPlan } from '../../src/plan/plan.js';
import { type Given, prepare, running } from '../testing/preparing.js';
import type { resolveText } from '../testing/resolving.js';

const plan = (prepared: Prepared, observed: readonly Observed[], removeOrphans = true) =>
  renderPlan(planUp(prepared, observed, { removeOrphans, reuse: 'reconcile', named: [] }));
const starts = (text: string) =>
  text
    .split('\n')
    .filter((line) => /^(remove|start)/.test(line))
    .map((line) => line.replace(/ after.*/, ''));

const shop = `services:
  db: { template: postgres, seed: { after: [migrate], steps: [{ sql: s.sql }] } }
  migrate: { image: app, once: true, environment: { U: "\${db.url}" } }
  app: { image: app, port: 80, depends_on: [migrate], environment: { U: "\${db.url}" } }
  mail: { image: mail, port: 25 }`;

describe('planUp', () => {
  test('starts each service as soon as the services it needs are ready', () => {
    expect(plan(prepare(shop), [])).toBe(
      [
        'create (4 services)',
        'start db (not running) after create',
        'gate db (postgres) after start:db',
        'seed db (1 step) after gate:db, gate:migrate',
        'start migrate (not running) after create, gate:db',
        'gate migrate (exit 0) after start:migrate',
        'start app (not running) after create, gate:migrate, seed:db',
        'gate app (tcp) after start:app',
        'start mail (not running) after create',
        'gate mail (tcp) after start:mail',
        'recheck (final readiness check) after everything',
      ].join('\n'),
    );
  });
  test('starts the service at the head of the longest dependency chain first', () => {
    const text = `services:
  mail: { image: mail, port: 25 }
  app: { image: app, port: 80, environment: { U: "\${db.url}" } }
  db: { template: postgres }
  front: { image: app, port: 80, depends_on: [app] }`;
    expect(starts(plan(prepare(text), [])).map((line) => line.split(' ')[1])).toEqual(['db', 'app', 'mail', 'front']);
  });
  test('reuses unchanged services and completed jobs', () => {
    const prepared = prepare(shop);
    expect(starts(plan(prepared, running(prepared)))).toEqual([]);
    expect(plan(prepared, running(prepared))).toContain('reuse migrate (already completed)');
  });
  test('recreates changed services and those that need them, with the cause', () => {
    const before = running(prepare(shop));
    expect(starts(plan(prepare(shop, { images: { migrate: 'sha256:2', app: 'sha256:2' } }), before))).toEqual([
      'remove migrate (image changed)',
      'remove app (image changed)',
      'start migrate (image changed)',
      'start app (image changed)',
    ]);
    expect(starts(plan(prepare(shop.replace('image: mail', 'image: post')), before))).toEqual([
      'remove mail (configuration changed)',
      'start mail (configuration changed)',
    ]);
    expect(starts(plan(prepare(shop, { images: { db: 'sha256:9' } }), before)).join()).toContain(
      'start migrate (db is recreated)',
    );
  });
  test('runs a job again if its container is missing or it failed', () => {
    const prepared = prepare(shop);
    const without = running(prepared).filter((seen) => seen.service !== 'migrate');
    expect(starts(plan(prepared, without))).toEqual(['start migrate (not running)']);
    expect(starts(plan(prepared, running(prepared, { migrate: { exitCode: 1 } })))).toEqual(
      expect.arrayContaining(['remove migrate (failed before (exit 1))', 'start migrate (failed before (exit 1))']),
    );
  });
  test('recreates incomplete replicas and those of another version', () => {
    const prepared = prepare(shop);
    expect(starts(plan(prepared, running(prepared, { mail: { state: 'created' } })))).toEqual([
      'remove mail (incomplete)',
      'start mail (incomplete)',
    ]);
    expect(starts(plan(prepared, running(prepared, { mail: { record: null } })))).toContain(
      'remove mail (created by another version)',
    );
  });
  test('starts a stopped service without recreating it', () => {
    const prepared = prepare(shop);
    const text = plan(prepared, running(prepared, { mail: { state: 'exited', exitCode: 0 } }));
    expect(starts(text)).toEqual(['start mail (stopped)']);
    expect(text).not.toContain('create');
  });
  test('adds or removes the highest replicas when the scale changes', () => {
    const scaled = (scale: number) => `services: { a: { image: x, scale: ${scale} } }`;
    const two = running(prepare(scaled(2)));
    expect(starts(plan(prepare(scaled(3)), two))).toEqual(['start a (1 of 3 replicas missing)']);
    expect(starts(plan(prepare(scaled(1)), two))).toEqual(['remove a (scaled down)']);
    expect(
      planUp(prepare(scaled(1)), two, { removeOrphans: true, reuse: 'reconcile', named: [] }).nodes[0],
    ).toMatchObject({
      keepReplicas: 1,
    });
  });
  test('removes orphans only if asked to', () => {
    const before = running(prepare(shop));
    const less = prepare(shop.replace(/\n {2}mail.*/, ''));
    expect(starts(plan(less, before))).toEqual(['remove mail (no longer in the profile)']);
    expect(starts(plan(less, before, false))).toEqual([]);
  });
});

describe('a workload fingerprint', () => {
  const of = (profile: string, given: Given = {}, options: Parameters<typeof resolveText>[1] = {}) =>
    prepare(profile, given, options).workloads[0]?.fingerprint;
  const one = 'services: { a: { image: x, environment: { A: "1" } } }';
  test('has separate parts for configuration, image and mounted files', () => {
    const [config, img, files] = of(one)?.split('-') ?? [];
    expect(of(one.replace('"1"', '"2"'))?.split('-')).toEqual([expect.not.stringMatching(config ?? ''), img, files]);
    expect(of(one, { images: { a: 'sha256:2' } })?.split('-')).toEqual([
      config,
      expect.not.stringMatching(img ?? ''),
      files,
    ]);
    const mounted = 'services: { a: { image: x, volumes: ["./f:/f"] } }';
    const path = '/project/environments/f';
    expect(of(mounted, { hashes: { [path]: '1' } })).not.toBe(of(mounted, { hashes: { [path]: '2' } }));
  });
  test('is independent of secrets and scale', () => {
    const db = 'services: { db: { template: postgres } }';
    const withKey = (key: string) =>
      of(db, { secrets: [`${key}dbpassword`] }, { secret: (service, parameter) => `${key}${service}${parameter}` });
    expect(withKey('first-key')).toBe(withKey('other-key'));
    expect(of('services: { a: { image: x, scale: 1 } }')).toBe(of('services: { a: { image: x, scale: 3 } }'));
  });
});

test('a reference to a reserved outside address resolves before start', () => {
  const text =
    'services: { app: { image: x, port: 80 }, hook: { image: y, environment: { BACK: "${app.outside.url}/cb" } } }';
  const prepared = prepare(text, { outside: { app: { main: { host: '127.0.0.1', port: 4711 } } } });
  expect(prepared.workloads.find((one) => one.service === 'hook')?.compose.environment).toEqual({
    BACK: 'http://127.0.0.1:4711/cb',
  });
  expect(prepared.workloads.find((one) => one.service === 'app')).toMatchObject({
    publish: { main: 4711 },
    record: { reserved: { main: 4711 } },
  });
});
