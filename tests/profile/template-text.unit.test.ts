import { describe, expect, test } from 'vitest';
import type { TemplateTree } from '../../src/model/json.js';
import { isTemplateText, type TemplateText } from '../../src/model/template-text.js';
import { commandArguments, rewriteTexts } from '../../src/profile/references/rewrite.js';
import { type Scope, substitute, substituteWith } from '../../src/profile/references/substitute.js';
import {
  displayText,
  fillTree,
  formatText,
  formatTree,
  readText,
  referencesIn,
} from '../../src/profile/references/template-text.js';
import { resolveText, serviceOf } from '../testing/resolving.js';

const scope: Scope = {
  owners: new Set(['db', 'my.db', 'with', 'at', 'parameters', 'env']),
  env: { NAME: 'va$lue', EMPTY: '' },
  parameters: { n: 3, on: true, text: 'a$b' },
  with: null,
  position: (path) => ({ file: path.join('/'), line: 1, column: 1 }),
};
const parse = (text: string): TemplateTree => substitute(text, scope);

describe('a parsed text', () => {
  test.each([
    ['plain', 'plain'],
    ['a$$b', 'a$b'],
    ['$NAME', 'va$lue'],
    ['${NAME}${parameters.text}', 'va$luea$b'],
    ['${EMPTY:-x}${EMPTY-y}', 'x'],
    ['${NOPE:+x}${NAME:+$$}', '$'],
    ['${parameters.n}', 3],
    ['${parameters.on}', true],
    ['n${parameters.n}', 'n3'],
  ])('%s is plain data when no reference is left in it', (text, expected) => {
    expect(parse(text)).toBe(expected);
  });
  test.each(['${db.url}', 'a$$b ${db.url}', '${db.inside.url}/${with.user}', '$$$$${my.db.port}$$'])(
    '%s is written back as it was read',
    (text) => {
      const parsed = parse(text);
      expect(isTemplateText(parsed)).toBe(true);
      expect(formatText(parsed as TemplateText)).toBe(text);
      expect(readText(text, scope.owners)).toEqual({ ...(parsed as TemplateText), position: expect.anything() });
    },
  );
  test('keeps the position of its document', () => {
    expect(referencesIn(substitute({ a: ['x', '${db.url} ${db.host}'] }, scope))).toEqual([
      { reference: { kind: 'reference', owner: 'db', path: ['url'] }, position: { file: 'a/1', line: 1, column: 1 } },
      { reference: { kind: 'reference', owner: 'db', path: ['host'] }, position: { file: 'a/1', line: 1, column: 1 } },
    ]);
  });
  test('takes the parameters of its service later, with their type', () => {
    const tree = substitute({ port: '${with.n}', url: '${with.user}@${db.host}' }, scope);
    const filled = substituteWith(tree, { ...scope, with: { n: 80, user: 'a$b' } });
    expect(formatTree(filled)).toEqual({ port: 80, url: 'a$$b@${db.host}' });
  });
  test('shows `$` as itself and references as written', () => {
    expect(displayText(parse('$$ ${db.url}'))).toBe('$ ${db.url}');
  });
});

describe('a rewrite of plain strings', () => {
  test.each([
    ['KEY=${db.url}', ['KEY', '${db.url}']],
    ['KEY=a${db.url}=b', ['KEY', 'a${db.url}', 'b']],
    ['${db.url}=x', ['${db.url}', 'x']],
    ['a$$=${db.url}${db.host}', ['a$$', '${db.url}${db.host}']],
  ])('splits %s around its references', (text, expected) => {
    expect(formatTree(rewriteTexts(parse(text), (plain) => String(plain).split('=')))).toEqual(expected);
  });
  test('may make a reference part of a key', () => {
    expect(rewriteTexts(parse('${db.url}'), (plain) => ({ [String(plain)]: 1 }))).toEqual({ '${db.url}': 1 });
  });
  test.each([
    ['sh -c "echo ${db.url}"', ['sh', '-c', 'echo ${db.url}']],
    ["run '${db.url} x' $$HOME", ['run', '${db.url} x', '$$HOME']],
  ])('splits the command line %s into arguments', (line, expected) => {
    expect(formatTree(commandArguments(parse(line)))).toEqual(expected);
  });
});

test('a text of a list, of a command and of an export knows its line', () => {
  const environment = resolveText(
    [
      'services:',
      '  db: { template: postgres }',
      '  a:',
      '    image: x',
      '    environment:',
      '      - A=ok',
      '      - U=${db.url}',
      '    process: { command: "run ${db.host}" }',
      'exports:',
      '  E: "${db.url}"',
    ].join('\n'),
  );
  const { compose, process } = serviceOf(environment, 'a');
  const positions = referencesIn([compose, process, environment.exports]).map(({ position }) => position);
  expect(positions.map(({ line, column }) => `${line}:${column}`)).toEqual(['7:9', '8:16', '10:3']);
});

test('every reference is filled in, and `$` is left alone', () => {
  const tree = substitute({ a: ['$$x', '$$${db.url}$$', 1, null] }, scope);
  expect(fillTree(tree, ({ path }) => path.join('$'))).toEqual({ a: ['$x', '$url$', 1, null] });
});
