import { expect, test } from 'vitest';
import { checkDelimiter, header } from '../../src/protocols/shared/csv.js';
import { taskOf } from '../testing/reach.js';

const names = (text: string, delimiter = ',') => header(Buffer.from(text), 'p.csv', delimiter);

test('CSV columns are the fields of the first line', () => {
  expect(names('id,name\n1,a\n')).toEqual(['id', 'name']);
  expect(names('id;"a ""b"";\nc"\r\n1;2;3', ';')).toEqual(['id', 'a "b";\nc']);
  expect(names('id')).toEqual(['id']);
  expect(names('id\tname\r\n', '\t')).toEqual(['id', 'name']);
});

test('the CSV header is read without checking later lines', () => {
  expect(names('id,name\n1,"never closed\n')).toEqual(['id', 'name']);
});

test('a CSV file without column names is refused', () => {
  expect(() => names('')).toThrow('The CSV file is empty');
  expect(() => names('id,,name\n')).toThrow('The CSV file has a column without a name');
});

test('a CSV delimiter must be one printable ASCII character or a tab', () => {
  const task = taskOf({ kind: 'csv', file: 'p.csv', table: 't', delimiter: '' });
  for (const good of [',', ';', '\t', '|']) expect(() => checkDelimiter(task, good)).not.toThrow();
  for (const bad of ['', ',,', '"', '\n', 'é'])
    expect(() => checkDelimiter(task, bad)).toThrow('The CSV delimiter must be one character');
});
