import { describe, expect, test } from 'vitest';
import { masker } from '../../src/connections/masking.js';
import type { EnvEvent } from '../../src/model/events.js';
import { noPaint } from '../../src/ui/color.js';
import { instancesText, statusText } from '../../src/ui/listings.js';
import { advance, nothingYet } from '../../src/ui/progress.js';
import { closingText } from '../../src/ui/summary.js';
import { table } from '../../src/ui/tables.js';
import { age, cut, oneLine, safe, width } from '../../src/ui/text.js';
import { begin, connection } from './story.js';

const mask = masker([]);
const lines = (text: string): string[] => text.split('\n').slice(0, -1);

describe('tables', () => {
  const rows = [
    ['db', 'ready', 'postgresql://127.0.0.1:49153/shop'],
    ['数据', 'no', '-'],
  ];
  const headers = ['NAME', 'STATE', 'ADDRESS'];

  test('pads a table by columns, not by characters', () => {
    expect(lines(table(rows, { headers }))).toEqual([
      'NAME  STATE  ADDRESS',
      'db    ready  postgresql://127.0.0.1:49153/shop',
      '数据  no     -',
    ]);
  });

  test('shrinks the widest column of a table that does not fit', () => {
    expect(lines(table(rows, { headers, columns: 30 }))).toEqual([
      'NAME  STATE  ADDRESS',
      'db    ready  postgresql://127…',
      '数据  no     -',
    ]);
  });

  test.each([80, 40, 20, 5, 1])('draws no table wider than %i columns', (columns) => {
    for (const line of lines(table(rows, { headers, columns }))) expect(width(line)).toBeLessThanOrEqual(columns);
  });
});

describe('the summary', () => {
  const long = 'postgresql://app:hunter22@127.0.0.1:49153/shop';
  const end: Extract<EnvEvent, { type: 'end' }> = {
    type: 'end',
    command: 'up',
    instance: 'shop-1a2b3c',
    ms: 3000,
    connections: [
      connection('db', 'db', long),
      connection('app', 'app', 'http://127.0.0.1:1', ['http://127.0.0.1:1', 'http://127.0.0.1:2']),
      connection('left', 'mock', null),
    ],
    exports: {},
    slowest: [],
  };
  const progress = [
    begin,
    { type: 'ready', service: 'db', ms: 900, detail: 'postgres' } as const,
    { type: 'ready', service: 'app', ms: 100, detail: 'running (not checked)' } as const,
  ].reduce((before, event) => advance(before, event, 0), nothingYet);

  test('hides passwords, counts replicas and lists untouched services', () => {
    expect(lines(closingText(advance(progress, end, 0), end, { paint: noPaint, mask }))).toEqual([
      'SERVICE  KIND  STATE                  AFTER  ADDRESS',
      'db       db    ready                  900ms  postgresql://app:•••@127.0.0.1:49153/shop',
      'migrate  job                                 -',
      'app      app   running (not checked)  100ms  http://127.0.0.1:1 and 1 more',
      'left     mock                                -',
    ]);
  });

  test('omits the kinds on a narrower terminal', () => {
    const [first] = lines(closingText(progress, end, { paint: noPaint, mask, columns: 80 }));
    expect(first).toBe('SERVICE  STATE                  AFTER  ADDRESS');
  });

  test('shows whole addresses below the services on a very narrow terminal', () => {
    expect(lines(closingText(progress, end, { paint: noPaint, mask, columns: 40 })).slice(0, 3)).toEqual([
      'SERVICE  KIND  STATE               AFTER',
      'db       db    ready               900ms',
      '  postgresql://app:•••@127.0.0.1:49153/shop',
    ]);
  });

  test('wraps the names of exports', () => {
    const exports = Object.fromEntries(['APP_URL', 'DATABASE_URL', 'CACHE_URL'].map((name) => [name, '']));
    expect(
      lines(closingText(nothingYet, { ...end, connections: [], exports }, { paint: noPaint, mask, columns: 36 })),
    ).toEqual([
      'exports    APP_URL, DATABASE_URL,',
      '           CACHE_URL',
      '           values: envctl env shop-1a2b3c',
    ]);
  });

  test('counts the removed objects of a down and lists the deleted data', () => {
    const events: EnvEvent[] = [
      { ...begin, command: 'down' },
      { type: 'removed', name: 'db', what: 'service' },
      { type: 'removed', name: 'app', what: 'service' },
      { type: 'removed', name: 'net', what: 'network' },
      { type: 'removed', name: 'shop_db', what: 'data' },
      { type: 'removed', name: 'shop_mq', what: 'volume' },
    ];
    const after = events.reduce((before, event) => advance(before, event, 0), nothingYet);
    expect(lines(closingText(after, { ...end, command: 'down' }, { paint: noPaint, mask }))).toEqual([
      'removed    2 services, 1 network',
      'deleted    shop_db (data)',
      '           shop_mq (volume)',
    ]);
  });
});

describe('status and ls', () => {
  const now = Date.UTC(2026, 0, 1);
  const options = { now, paint: noPaint, mask };

  test('status shows a line per replica', () => {
    const row = { kind: 'app', state: 'running', gate: 'ready', address: null, since: now - 90_000 };
    expect(
      lines(
        statusText(
          [
            { ...row, service: 'db', kind: 'db', address: 'postgresql://app:hunter22@127.0.0.1:49153/shop' },
            { ...row, service: 'worker 2', state: 'exited 1', gate: 'exited\n\u001b[31m(1)', since: null },
          ],
          options,
        ),
      ),
    ).toEqual([
      'SERVICE   KIND  STATE     GATE        SINCE  ADDRESS',
      'db        db    running   ready       1m     postgresql://app:•••@127.0.0.1:49153/shop',
      'worker 2  app   exited 1  exited (1)  -      -',
    ]);
  });

  test('ls shows a line per instance', () => {
    const row = {
      profile: 'shop',
      engine: 'compose',
      state: 'running',
      createdAt: now - 7_200_000,
      storage: 'disk',
      kept: [],
    } as const;
    expect(
      lines(
        instancesText(
          [
            { ...row, instance: 'shop-1a2b3c', running: 8, services: 8 },
            {
              ...row,
              instance: 'shop-ci-4d5e6f',
              running: 0,
              services: 8,
              state: 'stopped',
              storage: 'memory',
              kept: ['db', 'queue'],
            },
            { ...row, instance: 'shop-old-7a8b9c', running: 0, services: 0, state: 'down', kept: ['db'] },
          ],
          { ...options, silent: [] },
        ),
      ),
    ).toEqual([
      'INSTANCE         PROFILE  ENGINE   SERVICES     AGE  STORAGE  KEPT DATA',
      'shop-1a2b3c      shop     compose  8/8 running  2h   disk     -',
      'shop-ci-4d5e6f   shop     compose  0/8 stopped  2h   memory   db, queue',
      'shop-old-7a8b9c  shop     compose  down         2h   disk     db',
    ]);
  });

  test('ls without instances shows how to start one', () => {
    expect(instancesText([], { ...options, silent: [] })).toBe('No instances. Start one with: envctl up\n');
  });

  test('ls without instances lists the engines that did not answer', () => {
    expect(instancesText([], { ...options, silent: ['compose: no Docker Engine answers'] })).toBe(
      'No instances on the engines that answer (compose: no Docker Engine answers). Start one with: envctl up\n',
    );
  });
});

describe('terminal text', () => {
  test.each([
    [59_000, '59s'],
    [3_599_000, '59m'],
    [172_000_000, '47h'],
    [172_800_000, '2d'],
  ])('writes an age of %i ms as %s', (ms, text) => {
    expect(age(ms)).toBe(text);
  });

  test('measures text in columns', () => {
    expect(['abc', '数据', '🚢', 'e\u0301', '✔ •'].map(width)).toEqual([3, 4, 2, 1, 3]);
  });

  test('cuts text to columns, never inside a character', () => {
    expect([cut('abcdef', 4), cut('数据库', 4), cut('ab', 2), cut('ab', 1), cut('ab', 0)]).toEqual([
      'abc…',
      '数…',
      'ab',
      '…',
      '',
    ]);
  });

  test('escapes control characters, drops colors and joins lines', () => {
    expect(safe('a\u001b[1;31mb\u001b[0m\u001b[2Kc\nd\te\u0000\u2066')).toBe('ab\\x1b[2Kc\nd\te\\x00\\u2066');
    expect(oneLine(' a \r\n  b\tc ')).toBe('a b c');
  });
});
