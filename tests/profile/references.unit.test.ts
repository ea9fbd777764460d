import { describe, expect, test } from 'vitest';
import { connectionProperty, view } from '../../src/connections/view.js';
import { nearest } from '../../src/model/errors.js';
import { topologicalOrder } from '../../src/model/graph.js';
import { splitCommandLine } from '../../src/model/split-command-line.js';
import { parseText, renderText } from '../../src/profile/references/grammar.js';
import { refusal } from '../testing/resolving.js';

const at = { file: 'p.yaml', line: 1, column: 1 };
const parse = (text: string, owners: readonly string[] = ['db', 'my-db', 'my']) => parseText(text, { owners, at });

describe('the grammar of ${…}', () => {
  test('takes the longest service name first, dashes included', () => {
    expect(parse('${my-db.url}')).toEqual([{ kind: 'reference', owner: 'my-db', path: ['url'] }]);
    expect(parse('${my.url}')).toEqual([{ kind: 'reference', owner: 'my', path: ['url'] }]);
  });
  test('reads Compose’s operators, nested', () => {
    expect(parse('${A:-${B-x}}')).toEqual([
      {
        kind: 'variable',
        name: 'A',
        operator: ':-',
        argument: [{ kind: 'variable', name: 'B', operator: '-', argument: [{ kind: 'literal', text: 'x' }] }],
      },
    ]);
    expect(parse('${A?gone}')).toMatchObject([{ operator: '?', argument: [{ text: 'gone' }] }]);
    expect(parse('$A-$B')).toMatchObject([{ name: 'A' }, { text: '-' }, { name: 'B' }]);
  });
  test('knows a plain dollar sign', () => {
    expect(parse('$$db $1 a$')).toEqual([{ kind: 'literal', text: '$db $1 a$' }]);
  });
  test('never takes a dangling reference for a default', () => {
    expect(refusal(() => parse('${other-db.url}'))).toContain('REFERENCE_DANGLING');
    expect(refusal(() => parse('${nope.anything}'))).toContain('REFERENCE_DANGLING');
    expect(parse('${HOST-example.com}')).toMatchObject([{ name: 'HOST', argument: [{ text: 'example.com' }] }]);
  });
  test('says where a brace is missing', () => {
    expect(refusal(() => parse('${db.url'))).toContain('never closes it');
  });
  test('renders what it read', () => {
    expect(renderText('a $$ ${db.url}/x', { owners: ['db'], at }, () => 'URL')).toBe('a $ URL/x');
  });
});

describe('a view of a service', () => {
  const service = {
    connection: {
      url: 'postgresql://${with.user}:${with.password}@${at.host}:${at.port}/${with.database}',
      env: { PGUSER: '${with.user}' },
      ports: { admin: 'http://${at.host}:${at.port}/ui' },
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
  test('leaves no punctuation behind for an empty login', () => {
    const url = (user: string, password: string) =>
      view({ ...service, parameters: { user, password, database: 'd' } }, addresses, 'h').url;
    expect(url('', '')).toBe('postgresql://h:1/d');
    expect(url('u', '')).toBe('postgresql://u@h:1/d');
  });
  test('answers references by side, port and fact', () => {
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
])('words of %s', (line, expected) => {
  expect(splitCommandLine(line)).toEqual(expected);
});

test.each([
  ['enviroment', 'environment'],
  ['prots', 'ports'],
  ['xyz', undefined],
])('nearest to %s', (word, expected) => {
  expect(nearest(word, ['environment', 'ports', 'image'])).toBe(expected);
});

describe('order', () => {
  test('puts nothing before what it waits for', () => {
    const after: Record<string, readonly string[]> = { a: ['b', 'c'], b: ['c'], c: [] };
    expect(topologicalOrder(['a', 'b', 'c'], (node) => after[node] ?? [])).toEqual({
      sorted: ['c', 'b', 'a'],
      cycle: null,
    });
  });
  test('gives the ring it finds', () => {
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
