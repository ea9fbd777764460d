import { expect, test } from 'vitest';
import { statements } from '../../../src/protocols/mysql/statements.js';

const split = (text: string): string[] => [...statements(text)].map(({ start, end }) => text.slice(start, end));

test.each([
  ['plain statements, the last without a semicolon', 'SELECT 1; SELECT 2\n', ['SELECT 1', 'SELECT 2']],
  ['a text without statements', '-- a;\n# b;\n/* ; */ ;;', []],
  [
    'comments, which need white space after two dashes',
    'SELECT 1--1; SELECT 2 -- ; x\n;',
    ['SELECT 1--1', 'SELECT 2 -- ; x\n'],
  ],
  [
    'strings and names with semicolons',
    "SELECT 'a;\\';''b', \"c;\\\"\", `d;e`; SELECT 2;",
    ["SELECT 'a;\\';''b', \"c;\\\"\", `d;e`", 'SELECT 2'],
  ],
  [
    'comments that the server executes',
    '/*!40101 SET NAMES utf8 */;\n/*M!100 x */; SELECT 1;',
    ['/*!40101 SET NAMES utf8 */', '/*M!100 x */', 'SELECT 1'],
  ],
  [
    'routines between DELIMITER lines',
    'DELIMITER ;;\nCREATE TRIGGER t BEGIN SET a=1; SET b=2; END ;;\nDELIMITER ;\nSELECT 1;',
    ['CREATE TRIGGER t BEGIN SET a=1; SET b=2; END ', 'SELECT 1'],
  ],
  [
    'other delimiters',
    'delimiter //\r\nSELECT 1; SELECT 2//\nDELIMITER $$\nSELECT 3; $$\n',
    ['SELECT 1; SELECT 2', 'SELECT 3; '],
  ],
  ['a column called delimiter', 'SELECT delimiter FROM t; SELECT 2;', ['SELECT delimiter FROM t', 'SELECT 2']],
])('splits MySQL statements: %s', (_, text, expected) => {
  expect(split(text)).toEqual(expected);
});

test('a MySQL statement has its first word in lower case', () => {
  expect([...statements('Insert INTO t VALUES (1); /*!1 x */; (SELECT 1);')].map(({ firstWord }) => firstWord)).toEqual(
    ['insert', '/*!', ''],
  );
});
