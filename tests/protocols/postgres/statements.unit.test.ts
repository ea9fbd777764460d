import { expect, test } from 'vitest';
import { statements } from '../../../src/protocols/postgres/statements.js';

const split = (text: string): string[] =>
  [...statements(text, () => expect.fail('there is no psql command here'))].map(({ start, end }) =>
    text.slice(start, end),
  );

test.each([
  ['plain statements, the last without a semicolon', 'SELECT 1; SELECT 2', ['SELECT 1;', 'SELECT 2']],
  ['a text without statements', ' \n-- SELECT 1;\n/* ; */ ;;', []],
  ['comments before and between', '-- a; b\nSELECT 1; /* x; /* y; */ z; */ SELECT 2;', ['SELECT 1;', 'SELECT 2;']],
  ['strings and names with semicolons', `SELECT 'a;''b;', "c;d"; SELECT 2;`, [`SELECT 'a;''b;', "c;d";`, 'SELECT 2;']],
  ['a backslash at the end of a plain string', `SELECT 'a\\'; SELECT 2;`, [`SELECT 'a\\';`, 'SELECT 2;']],
  ['escape strings', `SELECT E'a\\';b', e'\\\\'; SELECT 2;`, [`SELECT E'a\\';b', e'\\\\';`, 'SELECT 2;']],
  [
    'dollar quotes, tagged and plain',
    'SELECT $$a;$x$b$$; SELECT $x$ ; $$ ; $x$; SELECT 3;',
    ['SELECT $$a;$x$b$$;', 'SELECT $x$ ; $$ ; $x$;', 'SELECT 3;'],
  ],
  [
    'dollars inside names and parameters',
    'SELECT a$b$c; PREPARE p AS SELECT $1; SELECT 3;',
    ['SELECT a$b$c;', 'PREPARE p AS SELECT $1;', 'SELECT 3;'],
  ],
  [
    'rules with several actions',
    'CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3;',
    ['CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);', 'SELECT 3;'],
  ],
  [
    'function bodies of standard SQL',
    'CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; ' +
      'SELECT 3;',
    [
      'CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;',
      'SELECT 3;',
    ],
  ],
  ['a transaction around statements', 'BEGIN; SELECT 1; END;', ['BEGIN;', 'SELECT 1;', 'END;']],
  ['an unclosed string', "SELECT 1; SELECT 'oops; SELECT 2;", ['SELECT 1;', "SELECT 'oops; SELECT 2;"]],
  ['names beyond ASCII', 'SELECT größe$x$ FROM größen; SELECT 2;', ['SELECT größe$x$ FROM größen;', 'SELECT 2;']],
])('splits PostgreSQL statements: %s', (_, text, expected) => {
  expect(split(text)).toEqual(expected);
});

test('rows of a COPY are not statements', () => {
  const text = 'COPY "a;b" (c) FROM stdin;\n1;\n\\N\n\\.\nSELECT 1;';
  const [copy, select] = [...statements(text, () => expect.fail('there is no psql command here'))];
  expect(copy?.data && text.slice(copy.data.start, copy.data.end)).toBe('1;\n\\N\n');
  expect(copy?.data?.closed).toBe(true);
  expect(select && text.slice(select.start, select.end)).toBe('SELECT 1;');
});

test('COPY rows end at \\., also if they are empty or have CRLF; without it they are not closed', () => {
  const data = (text: string) =>
    [...statements(text, () => undefined)].map(
      (statement) =>
        statement.data && { ...statement.data, rows: text.slice(statement.data.start, statement.data.end) },
    );
  expect(data('COPY a FROM stdin;\n\\.\n')).toMatchObject([{ rows: '', closed: true }]);
  expect(data('COPY a FROM STDIN WITH (FORMAT csv);\r\n1\r\n\\.\r\nSELECT 1;')).toMatchObject([
    { rows: '1\r\n', closed: true },
    null,
  ]);
  expect(data('COPY a FROM stdin;\n1\n')).toMatchObject([{ rows: '1\n', closed: false }]);
  expect(data('COPY a FROM stdin;')).toMatchObject([{ rows: '', closed: false }]);
  expect(data("COPY a TO stdout; COPY a FROM 'stdin';")).toEqual([null, null]);
});

test('psql commands are reported with their offset', () => {
  const seen: unknown[] = [];
  expect([...statements('SELECT 1;\n\\connect shop\nSELECT 2;', (command) => seen.push(command))]).toHaveLength(2);
  expect(seen).toEqual([{ command: '\\connect shop', offset: 10 }]);
});

test('100,000 PostgreSQL statements are split within the time limit, so in linear time', () => {
  const text = "INSERT INTO t VALUES (1, 'some text; more', NULL);\n".repeat(100_000);
  expect([...statements(text, () => undefined)]).toHaveLength(100_000);
}, 10_000);
