import { afterEach, describe, expect, test, vi } from 'vitest';
import { masker } from '../../src/connections/masking.js';
import { EnvctlError } from '../../src/model/errors.js';
import type { EnvEvent } from '../../src/model/events.js';
import { noPaint } from '../../src/ui/color.js';
import { ttyRenderer } from '../../src/ui/tty.js';
import { testClock } from './clock.js';
import { begin } from './story.js';
import { testTerminal } from './terminal.js';

const close: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const one of close.splice(0)) await one();
});

/** A renderer with its list on the screen. */
async function start({ columns = 80, rows = 24, services = begin.services } = {}) {
  const terminal = testTerminal(columns, rows);
  const clock = testClock();
  const renderer = ttyRenderer({ stream: terminal, mask: masker(['hunter22']), clock, paint: noPaint });
  close.push(() => renderer.close());
  const emit = (...events: EnvEvent[]): void => events.forEach(renderer.emit);
  emit({ ...begin, services });
  await vi.waitFor(() => expect(terminal.screen()).toHaveLength(Math.min(services.length + 1, rows - 1)));
  return { terminal, clock, renderer, emit, frame: (): string[] => shown(terminal, clock) };
}

/** The screen after the next frame, with spinners as `*`. */
function shown(terminal: ReturnType<typeof testTerminal>, clock: ReturnType<typeof testClock>): string[] {
  clock.pass(100);
  return terminal.screen().map((line) => line.replace(/^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/, '*'));
}

const step = (service: string | null, name: 'create' | 'start' | 'gate'): EnvEvent => ({
  type: 'step',
  service,
  step: name,
  state: 'running',
  cause: 'not running',
});
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('shows a line per service with its work, reason and time', async () => {
  const { clock, emit, frame } = await start();
  expect(frame()).toEqual(['* up shop-1a2b3c  0 of 3 ready  100ms', '◼ db', '◼ migrate', '◼ app']);

  const build = { type: 'image', service: 'app', image: 'shop-app', work: 'build' } as const;
  emit({ ...build, state: 'running', detail: 'step 3/7' });
  clock.pass(1000);
  expect(frame().at(-1)).toBe('* app      building shop-app: step 3/7  1.1s');

  emit({ ...build, state: 'done', detail: '' }, step(null, 'create'));
  expect(frame().slice(0, 2)).toEqual(['* up shop-1a2b3c  0 of 3 ready, creating  1.3s', '* db       creating  100ms']);

  emit({ type: 'step', service: null, step: 'create', state: 'done', ms: 100, detail: '' }, step('db', 'start'));
  emit({ type: 'waiting', service: 'db', probe: 'postgres', why: 'password "hunter22" was refused' });
  expect(frame()).toEqual([
    '* up shop-1a2b3c  0 of 3 ready  1.4s',
    '* db       waiting for postgres: password "•••" was refused  100ms',
    '◼ migrate  created',
    '◼ app      created',
  ]);

  emit({ type: 'seeding', service: 'db', step: 'seeds/shop.sql', state: 'running', detail: '' });
  expect(frame()[1]).toBe('* db       seeding seeds/shop.sql  200ms');

  emit({ type: 'ready', service: 'db', ms: 1234, detail: 'postgres' });
  await settled();
  expect(frame().slice(0, 2)).toEqual(['* up shop-1a2b3c  1 of 3 ready  1.6s', '✔ db       ready (postgres)  1.2s']);
});

test('shows only the reason on a narrow terminal', async () => {
  const { emit, frame } = await start({ columns: 40 });
  emit(step('db', 'start'), {
    type: 'waiting',
    service: 'db',
    probe: 'postgres',
    why: 'connect ECONNREFUSED 127.0.0.1:49153',
  });
  expect(frame()[1]).toBe('* db       connect ECONNREFUS…  100ms');
});

test('shows the active services in order if the terminal has too few rows', async () => {
  const names = Array.from({ length: 30 }, (_, index) => `s${index}`);
  const { terminal, emit, frame } = await start({ rows: 6, services: names.map((name) => ({ name, kind: 'app' })) });
  emit(step('s20', 'start'), step('s29', 'start'), { type: 'ready', service: 's0', ms: 10, detail: '' });
  await settled();
  expect(frame()).toEqual([
    '* up shop-1a2b3c  1 of 30 ready  100ms',
    '◼ s1',
    '◼ s2',
    '* s20  starting (not running)  100ms',
    '* s29  starting (not running)  100ms',
  ]);
  terminal.rows = 4;
  expect(frame()).toEqual([
    '* up shop-1a2b3c  1 of 30 ready  200ms',
    '* s20  starting (not running)  200ms',
    '* s29  starting (not running)  200ms',
  ]);
});

test('keeps notices and warnings above the list', async () => {
  const { emit, frame } = await start();
  emit({ type: 'warning', text: 'first' });
  await settled();
  expect(frame().slice(0, 2)).toEqual(['⚠ first', '* up shop-1a2b3c  0 of 3 ready  100ms']);
  emit({ type: 'notice', text: 'second' }, { type: 'substitution', image: 'a', by: 'b' });
  await settled();
  expect(frame()).toEqual([
    '⚠ first',
    'second',
    'image a is replaced by b',
    '* up shop-1a2b3c  0 of 3 ready  200ms',
    '◼ db',
    '◼ migrate',
    '◼ app',
  ]);
});

test('marks the failed service and shows the last state of the others', async () => {
  const { terminal, emit, renderer, frame } = await start();
  emit(step('db', 'start'), step('migrate', 'start'), {
    type: 'waiting',
    service: 'migrate',
    probe: 'exit 0',
    why: 'still running',
  });
  frame();
  emit({
    type: 'failed',
    error: new EnvctlError('SERVICE_FAILED', 'db exited (1)', { service: 'db', hint: 'Read its log.' }),
  });
  emit({ type: 'warning', text: 'and then' });
  await renderer.close();
  expect(terminal.screen()).toEqual([
    '✖ up shop-1a2b3c  0 of 3 ready',
    '✖ db       failed: db exited (1)',
    '◼ migrate  waiting for exit 0: still running',
    '◼ app      not started',
    '⚠ and then',
  ]);
});

describe('an interrupted list', () => {
  test('leaves the list on screen and restores the cursor when interrupted', async () => {
    const { terminal, emit, renderer, frame } = await start();
    emit(step('db', 'start'));
    frame();
    expect(terminal.cursor()).toBe('hidden');
    await renderer.close();
    expect(terminal.screen()).toEqual([
      '◼ up shop-1a2b3c  0 of 3 ready  100ms',
      '◼ db       starting (not running)  100ms',
      '◼ migrate',
      '◼ app',
    ]);
    expect(terminal.cursor()).toBe('shown');
    await renderer.close();
  });

  test('handles no signals and does not replace stdout and stderr', async () => {
    const before = [
      process.listenerCount('SIGINT'),
      process.listenerCount('SIGTERM'),
      process.stdout.write,
      process.stderr.write,
    ];
    const { frame } = await start();
    frame();
    expect([
      process.listenerCount('SIGINT'),
      process.listenerCount('SIGTERM'),
      process.stdout.write,
      process.stderr.write,
    ]).toEqual(before);
  });
});

test('shows a down after an up with the same renderer', async () => {
  const { terminal, emit, renderer } = await start();
  const end = { type: 'end', instance: 'shop-1a2b3c', connections: [], exports: {}, slowest: [] } as const;
  emit(
    { ...end, command: 'up', ms: 1000 },
    { ...begin, command: 'down', services: [] },
    { ...end, command: 'down', ms: 2000 },
  );
  await renderer.close();
  expect(terminal.screen().filter((line) => line.startsWith('✔'))).toEqual([
    '✔ shop-1a2b3c is ready after 1.0s',
    '✔ shop-1a2b3c is down after 2.0s',
  ]);
});

test('leaves a complete screen if the command ends before the first frame', async () => {
  const terminal = testTerminal();
  const renderer = ttyRenderer({ stream: terminal, mask: (text) => text, clock: testClock(), paint: noPaint });
  renderer.emit({ type: 'notice', text: 'hello' });
  renderer.emit(begin);
  renderer.emit({ type: 'ready', service: 'db', ms: 1, detail: '' });
  await renderer.close();
  expect(terminal.screen()).toEqual([
    'hello',
    '◼ up shop-1a2b3c  1 of 3 ready  0ms',
    '✔ db       ready  1ms',
    '◼ migrate',
    '◼ app',
  ]);
});
