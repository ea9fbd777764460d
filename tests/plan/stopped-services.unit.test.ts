/** `run` on an existing instance: which stopped services stay stopped. */
import { expect, test } from 'vitest';
import type { Observed } from '../../src/model/observed.js';
import { planUp } from '../../src/plan/plan.js';
import { prepare, running } from '../testing/preparing.js';

const shop = `services:
  db: { template: postgres, seed: [{ sql: s.sql }] }
  migrate: { image: app, once: true, environment: { U: "\${db.url}" } }
  app: { image: app, port: 80, depends_on: [migrate], environment: { U: "\${db.url}" } }
  worker: { image: app, depends_on: [migrate] }
  mail: { image: mail, port: 25 }`;

/** Steps other than the usual ones (`skip worker (stopped)`), and the services the final check asks. */
function planAsIs(text: string, observed: readonly Observed[], named: readonly string[] = []) {
  const { nodes } = planUp(prepare(text), observed, { removeOrphans: false, reuse: 'as-is', named });
  return {
    done: nodes
      .filter(({ step }) => !['reuse', 'gate', 'seed', 'recheck', 'create'].includes(step))
      .map(({ step, service, cause }) => `${step} ${service} (${cause})`),
    asked: nodes.flatMap((node) => (node.step === 'recheck' ? node.services : [])).toSorted(),
  };
}
const seen = (text: string, changes: Parameters<typeof running>[1]): readonly Observed[] =>
  running(prepare(text), changes);
const stopped = { state: 'exited', exitCode: 143 } as const;

test('a stopped service is skipped and the others are checked', () => {
  expect(planAsIs(shop, seen(shop, { worker: stopped }))).toEqual({
    done: ['skip worker (stopped)'],
    asked: ['app', 'db', 'mail', 'migrate'],
  });
  expect(planAsIs(shop, seen(shop, { mail: { state: 'paused' } })).done).toEqual(['skip mail (paused)']);
});
test('a running service that needs a skipped one is skipped too', () => {
  expect(planAsIs(shop, seen(shop, { db: stopped }))).toEqual({
    done: ['skip db (stopped)', 'skip app (needs db, which is stopped)'],
    asked: ['mail', 'migrate', 'worker'],
  });
});
test.each([
  ['crashed', { state: 'exited', exitCode: 3 }],
  ['ran out of memory', { state: 'exited', exitCode: 137, oomKilled: true }],
] as const)('a service that %s counts as crashed and is started', (_, change) => {
  expect(planAsIs(shop, seen(shop, { worker: change })).done).toEqual(['start worker (stopped)']);
});
test('a stopped service is started if a service that must start needs it', () => {
  const observed = seen(shop, { db: stopped }).filter(({ service }) => service !== 'app');
  const { done } = planAsIs(shop, observed);
  expect(done).toEqual(expect.arrayContaining(['start db (stopped)', 'start app (not running)']));
  expect(done.join()).not.toContain('skip');
});
test('a stopped service requested by name is started', () => {
  expect(planAsIs(shop, seen(shop, { worker: stopped, mail: stopped }), ['worker']).done).toEqual([
    'start worker (stopped)',
    'skip mail (stopped)',
  ]);
});
test('a service with one of several replicas stopped is started', () => {
  const text = 'services: { a: { image: x, scale: 2 }, b: { image: x } }';
  const [first, ...rest] = seen(text, {});
  expect(planAsIs(text, [{ ...(first as Observed), ...stopped }, ...rest]).done).toEqual(['start a (stopped)']);
});
test('scaling down a stopped service removes replicas and starts none', () => {
  const three = 'services: { a: { image: x, scale: 3 }, b: { image: x } }';
  expect(planAsIs(three.replace('scale: 3', 'scale: 1'), seen(three, { a: stopped })).done).toEqual([
    'remove a (scaled down)',
    'skip a (stopped)',
  ]);
});
test('all stopped services are started if no service of the instance runs', () => {
  const text = 'services: { a: { image: x }, b: { image: x } }';
  expect(planAsIs(text, seen(text, { a: stopped, b: stopped })).done).toEqual([
    'start a (stopped)',
    'start b (stopped)',
  ]);
});
