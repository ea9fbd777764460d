/** `run` on an instance that is there: what is left as it is, and what is not. */
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

/** What is done besides keeping and asking what runs: `leave worker (stopped)`, and whom the sweep asks. */
function used(text: string, observed: readonly Observed[], named: readonly string[] = []) {
  const { nodes } = planUp(prepare(text), observed, { removeOrphans: false, reuse: 'as-is', named });
  return {
    done: nodes
      .filter(({ step }) => !['keep', 'gate', 'seed', 'sweep', 'create'].includes(step))
      .map(({ step, service, cause }) => `${step} ${service} (${cause})`),
    asked: nodes.flatMap((node) => (node.step === 'sweep' ? node.services : [])).toSorted(),
  };
}
const seen = (text: string, changes: Parameters<typeof running>[1]): readonly Observed[] =>
  running(prepare(text), changes);
const stopped = { state: 'exited', exitCode: 143 } as const;

test('what was stopped stays so, and the others are asked', () => {
  expect(used(shop, seen(shop, { worker: stopped }))).toEqual({
    done: ['leave worker (stopped)'],
    asked: ['app', 'db', 'mail', 'migrate'],
  });
  expect(used(shop, seen(shop, { mail: { state: 'paused' } })).done).toEqual(['leave mail (paused)']);
});
test('what runs and needs it is not asked: it has no answer to give', () => {
  expect(used(shop, seen(shop, { db: stopped }))).toEqual({
    done: ['leave db (stopped)', 'leave app (needs db, which is stopped)'],
    asked: ['mail', 'migrate', 'worker'],
  });
});
test.each([
  ['crashed', { state: 'exited', exitCode: 3 }],
  ['ran out of memory', { state: 'exited', exitCode: 137, oomKilled: true }],
] as const)('what %s was not stopped by anybody, and is started', (_, change) => {
  expect(used(shop, seen(shop, { worker: change })).done).toEqual(['start worker (stopped)']);
});
test('what has to start brings with it what it needs', () => {
  const observed = seen(shop, { db: stopped }).filter(({ service }) => service !== 'app');
  const { done } = used(shop, observed);
  expect(done).toEqual(expect.arrayContaining(['start db (stopped)', 'start app (not running)']));
  expect(done.join()).not.toContain('leave');
});
test('a service that is asked for by name is started', () => {
  expect(used(shop, seen(shop, { worker: stopped, mail: stopped }), ['worker']).done).toEqual([
    'start worker (stopped)',
    'leave mail (stopped)',
  ]);
});
test('one replica of several is no stopped service', () => {
  const text = 'services: { a: { image: x, scale: 2 }, b: { image: x } }';
  const [first, ...rest] = seen(text, {});
  expect(used(text, [{ ...(first as Observed), ...stopped }, ...rest]).done).toEqual(['start a (stopped)']);
});
test('fewer replicas are wanted of what stays stopped', () => {
  const three = 'services: { a: { image: x, scale: 3 }, b: { image: x } }';
  expect(used(three.replace('scale: 3', 'scale: 1'), seen(three, { a: stopped })).done).toEqual([
    'remove a (fewer wanted)',
    'leave a (stopped)',
  ]);
});
test('where nothing runs there is nothing to use: all is started', () => {
  const text = 'services: { a: { image: x }, b: { image: x } }';
  expect(used(text, seen(text, { a: stopped, b: stopped })).done).toEqual(['start a (stopped)', 'start b (stopped)']);
});
