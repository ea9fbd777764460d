import { describe, expect, test } from 'vitest';
import { masker } from '../../src/connections/masking.js';
import { noPaint } from '../../src/ui/color.js';
import { jsonRenderer } from '../../src/ui/json.js';
import { plainRenderer } from '../../src/ui/plain.js';
import { quietRenderer } from '../../src/ui/quiet.js';
import type { Renderer } from '../../src/ui/renderer-types.js';
import { ttyRenderer } from '../../src/ui/tty.js';
import { testClock } from './clock.js';
import { down, failure, type Story, secret, up } from './story.js';
import { testTerminal } from './terminal.js';

const mask = masker([secret]);

/** The screen at the end of a story. */
async function screenAfter(kind: string, story: Story): Promise<string[]> {
  const terminal = testTerminal(100);
  const clock = testClock();
  const renderer = rendererOf(kind, terminal, clock);
  for (const event of story) {
    if (typeof event === 'number') clock.pass(event);
    else renderer.emit(event);
  }
  await renderer.close();
  expect(terminal.cursor()).toBe('shown');
  return terminal.screen();
}

function rendererOf(
  kind: string,
  stream: ReturnType<typeof testTerminal>,
  clock: ReturnType<typeof testClock>,
): Renderer {
  const write = (text: string): unknown => stream.write(text);
  switch (kind) {
    case 'plain':
      return plainRenderer({ write, mask, clock });
    case 'quiet':
      return quietRenderer({ write, mask });
    default:
      return ttyRenderer({ stream, mask, clock, paint: noPaint });
  }
}
const closing = [
  'SERVICE  KIND  STATE   AFTER  ADDRESS',
  'db       db    ready   500ms  postgresql://app:•••@127.0.0.1:49153/shop',
  'migrate  job   exit 0  400ms  -',
  'app      app   reused         http://127.0.0.1:8000',
  '',
  'exports    APP_URL, DATABASE_URL',
  '           values: envctl env shop-1a2b3c',
  'slowest    migrate gate 400ms, create 200ms',
];

describe.each([
  {
    kind: 'plain',
    ofUp: [
      '[   0ms] up shop-1a2b3c on compose: 3 services',
      '[   0ms] note: Docker was chosen: it answers',
      '[   0ms] note: image postgres:15 is replaced by mirror/postgres:15',
      '[   0ms] db        pulling postgres:15',
      '[  1.0s] db        pulled postgres:15 in 1.0s',
      '[  1.0s] creating (2 services)',
      '[  1.2s] created (2 services) in 200ms',
      '[  1.2s] app       reused (unchanged)',
      '[  1.2s] db        starting (not running)',
      '[  1.3s] db        waiting for postgres: login as app:••• was refused',
      '[  1.6s] db        seeding seeds/shop.sql',
      '[  1.7s] db        seeded seeds/shop.sql (42 statements)',
      '[  1.7s] db        ready (postgres) after 500ms',
      '[  1.7s] migrate   starting (image changed)',
      '[  1.7s] warning: migrate says \\x1b[2Jthings',
      '[  2.1s] migrate   exit 0 after 400ms',
      '[  2.1s] app       still ready (http)',
      '[  2.1s] final readiness check',
      '[  2.2s] shop-1a2b3c is ready after 2.2s',
      '',
      ...closing,
    ],
    ofFailure: [
      '[   0ms] up shop-1a2b3c on compose: 3 services',
      '[   0ms] db        starting (not running)',
      '[  1.0s] note: Diagnostics saved to .envctl/failures/1',
      '[  1.0s] db        failed: db exited (1) (SERVICE_FAILED)',
    ],
    ofDown: [
      '[   0ms] down shop-1a2b3c on compose: 3 services',
      '[ 800ms] removed service db',
      '[ 800ms] removed service migrate',
      '[ 800ms] removed service app',
      '[ 800ms] removed data shop_db',
      '[ 800ms] shop-1a2b3c is down after 800ms',
      '',
      'removed    3 services',
      'deleted    shop_db (data)',
    ],
  },
  {
    kind: 'quiet',
    ofUp: ['warning: migrate says \\x1b[2Jthings'],
    ofFailure: [],
    ofDown: [],
  },
  {
    kind: 'tty',
    ofUp: [
      'Docker was chosen: it answers',
      'image postgres:15 is replaced by mirror/postgres:15',
      '⚠ migrate says \\x1b[2Jthings',
      '✔ shop-1a2b3c is ready after 2.2s',
      '',
      ...closing,
    ],
    ofFailure: [
      'Diagnostics saved to .envctl/failures/1',
      '✖ up shop-1a2b3c  0 of 3 ready',
      '✖ db       failed: db exited (1)',
      '◼ migrate  not started',
      '◼ app      not started',
    ],
    ofDown: ['✔ shop-1a2b3c is down after 800ms', '', 'removed    3 services', 'deleted    shop_db (data)'],
  },
])('the $kind renderer', ({ kind, ofUp, ofFailure, ofDown }) => {
  test(`shows a successful up with ${kind}`, async () => {
    expect(await screenAfter(kind, up)).toEqual(ofUp);
  });

  test(`shows a failed up with ${kind}`, async () => {
    expect(await screenAfter(kind, failure)).toEqual(ofFailure);
  });

  test(`shows a down with ${kind}`, async () => {
    expect(await screenAfter(kind, down)).toEqual(ofDown);
  });
});

describe('the JSON renderer', () => {
  function jsonLines(story: Story): Record<string, unknown>[] {
    let text = '';
    const clock = testClock();
    const renderer = jsonRenderer({ write: (line) => (text += line), mask, clock });
    for (const event of story) {
      if (typeof event === 'number') clock.pass(event);
      else renderer.emit(event);
    }
    expect(text).toMatch(/\n$/);
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  test('writes each event on a line, with version, time and its fields', () => {
    const events = up.filter((event) => typeof event !== 'number');
    const lines = jsonLines(up);
    expect(lines.map(({ type }) => type)).toEqual(events.map(({ type }) => type));
    expect(lines[4]).toEqual({
      version: 1,
      time: '2026-01-02T03:04:05.500Z',
      type: 'image',
      service: 'db',
      image: 'postgres:15',
      work: 'pull',
      state: 'running',
      detail: '12 of 80 MB',
    });
  });

  test('hides secrets in JSON events, connections and exports', () => {
    const lines = jsonLines(up);
    expect(lines.find(({ type }) => type === 'waiting')).toMatchObject({ why: 'login as app:••• was refused' });
    expect(lines.at(-1)).toMatchObject({ exports: { DATABASE_URL: 'postgresql://app:•••@127.0.0.1:49153/shop' } });
    expect(JSON.stringify(lines)).not.toContain('s3cret');
  });

  test('writes an error with code, message, hint and exit code', () => {
    expect(jsonLines(failure).at(-1)).toMatchObject({
      type: 'failed',
      error: {
        code: 'SERVICE_FAILED',
        message: 'db exited (1)',
        hint: 'Read its log.',
        service: 'db',
        detail: 'FATAL: •••',
        exitCode: 4,
      },
    });
  });

  test('escapes all control characters in JSON', () => {
    let text = '';
    jsonRenderer({ write: (line) => (text += line), mask, clock: testClock() }).emit({
      type: 'notice',
      text: 'a\u009b2Jb\u001b[2Jc\u007f',
    });
    expect(text.trimEnd()).toMatch(/^[ -~]+$/);
    expect(JSON.parse(text)).toMatchObject({ text: 'a\u009b2Jb\u001b[2Jc\u007f' });
  });
});
