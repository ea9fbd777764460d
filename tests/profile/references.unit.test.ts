import { describe, expect, test } from 'vitest';
import { view } from '../../src/connections/view.js';
import { connectionProperty } from '../../src/model/connection.js';
import { nearest } from '../../src/model/errors.js';
import { topologicalOrder } from '../../src/model/graph.js';
import { splitCommandLine } from '../../src/model/split-command-line.js';
import { readText } from '../../src/profile/references/template-text.js';

const text = (written: string) => readText(written, new Set(['with', 'at']));

describe('a view of a service', () => {
  const service = {
    connection: {
      url: text('postgresql://${with.user}:${with.password}@${at.host}:${at.port}/${with.database}'),
      env: { PGUSER: text('${with.user}') },
      ports: { admin: text('http://${at.host}:${at.port}/ui') },
    },
    parameters: { user: 'a b', password: 'p@:/#', database: 'd' },
  };
  const addresses = { main: { host: 'h', port: 1 }, admin: { host: 'h', port: 2 } };
  test('percent-encodes the parts of a URL, and only there', () => {
    expect(view(service, addresses, 'h')).toMatchObject({
      url: 'postgresql://a%20b:p%40%3A%2F%23@h:1/d',
      env: { PGUSER: 'a b' },
    });
  });
  test('omits the punctuation of an empty login', () => {
    const url = (user: string, password: string) =>
      view({ ...service, parameters: { user, password, database: 'd' } }, addresses, 'h').url;
    expect(url('', '')).toBe('postgresql://h:1/d');
    expect(url('u', '')).toBe('postgresql://u@h:1/d');
  });
  test('answers references by side, port and property', () => {
    const inside = view(service, { main: { host: 'db', port: 5432 }, admin: { host: 'db', port: 80 } }, 'db');
    const connection = {
      service: 'db',
      kind: 'db',
      inside,
      outside: view(service, addresses, 'h'),
      urls: ['u1', 'u2'],
      parameters: { database: 'd' },
    };
    const of = (path: string, side: 'inside' | 'outside' = 'inside') =>
      connectionProperty(connection, path.split('.'), side);
    expect([
      of('host'),
      of('host', 'outside'),
      of('outside.port'),
      of('admin.url'),
      of('database'),
      of('urls'),
      of('env.PGUSER'),
      of('nope'),
    ]).toEqual(['db', 'h', '1', 'http://db:80/ui', 'd', undefined, 'a b', undefined]);
  });
});

test.each([
  ['a "b c" \'d e\' f\\ g', ['a', 'b c', 'd e', 'f g']],
  ['sh -c "echo \\"x\\""', ['sh', '-c', 'echo "x"']],
  ["'' x", ['', 'x']],
])('splits the command line %s', (line, expected) => {
  expect(splitCommandLine(line)).toEqual(expected);
});

test.each([
  ['enviroment', 'environment'],
  ['prots', 'ports'],
  ['xyz', undefined],
])('suggests the nearest name to %s', (word, expected) => {
  expect(nearest(word, ['environment', 'ports', 'image'])).toBe(expected);
});

describe('the topological order', () => {
  test('sorts dependencies first', () => {
    const after: Record<string, readonly string[]> = { a: ['b', 'c'], b: ['c'], c: [] };
    expect(topologicalOrder(['a', 'b', 'c'], (node) => after[node] ?? [])).toEqual({
      sorted: ['c', 'b', 'a'],
      cycle: null,
    });
  });
  test('returns the cycle it finds', () => {
    const after: Record<string, readonly string[]> = { a: ['b'], b: ['c'], c: ['b'] };
    expect(topologicalOrder(['a'], (node) => after[node] ?? []).cycle).toEqual(['b', 'c', 'b']);
  });
  test('does not overflow on a long chain', () => {
    const nodes = Array.from({ length: 50_000 }, (_, index) => String(index));
    expect(topologicalOrder(nodes, (node) => (node === '49999' ? [] : [String(Number(node) + 1)])).sorted[0]).toBe(
      '49999',
    );
  });
});
