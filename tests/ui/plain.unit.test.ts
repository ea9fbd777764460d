import { describe, expect, test } from 'vitest';
import type { EnvEvent } from '../../src/model/events.js';
import { plainRenderer } from '../../src/ui/plain.js';
import { testClock } from './clock.js';
import { begin } from './story.js';

function start() {
  const clock = testClock();
  const lines: string[] = [];
  const renderer = plainRenderer({
    write: (text) => lines.push(...text.split('\n').slice(0, -1)),
    mask: (text) => text,
    clock,
  });
  const emit = (...events: EnvEvent[]) => events.forEach(renderer.emit);
  return { clock, lines, emit, renderer, since: (count: number) => lines.slice(count) };
}

const starting = (service: string): EnvEvent => ({
  type: 'step',
  service,
  step: 'start',
  state: 'running',
  cause: 'not running',
});
const waiting = (service: string, why: string): EnvEvent => ({ type: 'waiting', service, probe: 'postgres', why });

describe('the heartbeat of plain progress', () => {
  test('lists the active services, reasons and times after 10s of silence', () => {
    const { clock, lines, emit } = start();
    emit(begin, starting('db'), waiting('db', 'connection refused'));
    clock.pass(12_000);
    emit(starting('app'));
    clock.pass(21_000);
    expect(lines.slice(3)).toEqual([
      '[ 10.0s] still waiting: db (connection refused), 10s; 2 not started',
      '[ 12.0s] app       starting (not running)',
      '[ 22.0s] still waiting: db (connection refused), 22s; app (starting (not running)), 10s; 1 not started',
      '[ 32.0s] still waiting: db (connection refused), 32s; app (starting (not running)), 20s; 1 not started',
    ]);
  });

  test('shows the step of the command if no service is active', () => {
    const { clock, lines, emit } = start();
    emit({ ...begin, services: [] });
    clock.pass(10_000);
    emit({ type: 'step', service: null, step: 'recheck', state: 'running', cause: '' });
    clock.pass(10_000);
    expect(lines).toEqual([
      '[   0ms] up shop-1a2b3c on compose: 0 services',
      '[ 10.0s] still waiting: up, 10s',
      '[ 10.0s] final readiness check',
      '[ 20.0s] still waiting: final readiness check, 20s',
    ]);
  });

  test('lists at most six services', () => {
    const { clock, lines, emit } = start();
    const names = Array.from({ length: 9 }, (_, index) => `s${index}`);
    emit({ ...begin, services: names.map((name) => ({ name, kind: 'app' })) }, ...names.map(starting));
    clock.pass(10_000);
    expect(lines.at(-1)).toMatch(/; s5 \(starting \(not running\)\), 10s; 3 more$/);
  });

  test.each(['end', 'failure', 'close'])('stops the heartbeat at %s', async (how) => {
    const { clock, lines, emit, renderer } = start();
    emit(begin, starting('db'));
    if (how === 'end')
      emit({ type: 'end', command: 'up', instance: 'shop-1a2b3c', ms: 1, connections: [], exports: {}, slowest: [] });
    if (how === 'failure') emit({ type: 'failed', error: { message: 'no', code: 'SERVICE_FAILED' } as never });
    if (how === 'close') await renderer.close();
    const count = lines.length;
    clock.pass(60_000);
    expect(lines).toHaveLength(count);
  });
});

test('shows changing gate answers once a second, and the latest one in the heartbeat', () => {
  const { clock, lines, emit } = start();
  emit(begin, starting('db'));
  for (let attempt = 0; attempt < 20; attempt++) {
    emit(waiting('db', `attempt ${attempt}`));
    clock.pass(100);
  }
  clock.pass(10_000);
  expect(lines.slice(2)).toEqual([
    '[   0ms] db        waiting for postgres: attempt 0',
    '[  1.0s] db        waiting for postgres: attempt 10',
    '[ 11.0s] still waiting: db (attempt 19), 11s; 2 not started',
  ]);
});

test('shows only the start and the end of a download', () => {
  const { clock, lines, emit } = start();
  const pull = { type: 'image', service: 'db', image: 'postgres:15', work: 'pull' } as const;
  emit(begin);
  for (const detail of ['', '1 MB', '2 MB']) emit({ ...pull, state: 'running', detail });
  clock.pass(2_500);
  emit(
    { ...pull, state: 'done', detail: '' },
    { ...pull, service: 'app', image: 'app', work: 'build', state: 'done', detail: '' },
  );
  expect(lines.slice(1)).toEqual([
    '[   0ms] db        pulling postgres:15',
    '[  2.5s] db        pulled postgres:15 in 2.5s',
    '[  2.5s] app       built app',
  ]);
});

test('joins the lines of a gate answer and cuts long ones', () => {
  const { lines, emit } = start();
  emit(begin, waiting('db', 'no\n  route\r\n\u001b[31mto\u001b[0m host\u0007'), waiting('app', 'x'.repeat(10_000)));
  expect(lines[1]).toBe('[   0ms] db        waiting for postgres: no route to host\\x07');
  expect(lines[2]).toHaveLength('[   0ms] '.length + 400);
});

test('pads service names to the longest one', () => {
  const { lines, emit } = start();
  emit(
    {
      ...begin,
      services: [
        { name: 'db', kind: 'db' },
        { name: 'shipping-partner', kind: 'mock' },
      ],
    },
    starting('db'),
    starting('shipping-partner'),
  );
  expect(lines.slice(1)).toEqual([
    '[   0ms] db                starting (not running)',
    '[   0ms] shipping-partner  starting (not running)',
  ]);
});

test('shows that a running service turned out to be a job', () => {
  const { lines, emit } = start();
  emit(
    begin,
    { type: 'ready', service: 'migrate', ms: 200, detail: 'running (not checked)' },
    { type: 'ready', service: 'migrate', ms: 0, detail: 'exit 0, treated as a job' },
  );
  expect(lines.slice(1)).toEqual([
    '[   0ms] migrate   running (not checked) after 200ms',
    '[   0ms] migrate   now exit 0, treated as a job',
  ]);
});
