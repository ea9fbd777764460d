import { expect, test } from 'vitest';
import { checkDelimiter, header } from '../../src/protocols/shared/csv-header.js';
import { taskOf } from '../testing/reach.js';

const names = (text: string, delimiter = ',') => header(Buffer.from(text), 'p.csv', delimiter);

test('columns are the fields of the first line', () => {
  expect(names('id,name\n1,a\n')).toEqual(['id', 'name']);
  expect(names('id;"a ""b"";\nc"\r\n1;2;3', ';')).toEqual(['id', 'a "b";\nc']);
  expect(names('id')).toEqual(['id']);
  expect(names('id\tname\r\n', '\t')).toEqual(['id', 'name']);
});

test('what is wrong further down is not its business', () => {
  expect(names('id,name\n1,"never closed\n')).toEqual(['id', 'name']);
});

test('a file without them is refused', () => {
  expect(() => names('')).toThrow('the CSV file is empty');
  expect(() => names('id,,name\n')).toThrow('the CSV file has a column without a name');
});

test('a delimiter is one plain character', () => {
  const task = taskOf({ kind: 'csv', file: 'p.csv', table: 't', delimiter: '' });
  for (const good of [',', ';', '\t', '|']) expect(() => checkDelimiter(task, good)).not.toThrow();
  for (const bad of ['', ',,', '"', '\n', 'é'])
    expect(() => checkDelimiter(task, bad)).toThrow('a CSV delimiter is one character');
});
