import { describe, expect, test } from 'vitest';
import { type Grammar, type ParsedPart, parseText } from '../../src/profile/references/grammar.js';
import { refusal } from '../testing/resolving.js';

const position = { file: 'p.yaml', line: 1, column: 1 };
const parse = (text: string, options: Partial<Grammar> = {}): readonly ParsedPart[] =>
  parseText(text, { owners: new Set(['db', 'a-b', 'a', 'with', 'at']), position, ...options });

/** `literal`, `<owner|path>` for a reference, `{NAME operator argument}` for a variable. */
const shown = (parts: readonly ParsedPart[]): readonly string[] =>
  parts.map((part) => {
    if (part.kind === 'literal') return part.text;
    if (part.kind === 'reference') return `<${[part.owner, ...part.path].join('|')}>`;
    return `{${part.name} ${part.operator} ${shown(part.argument).join(' + ')}}`;
  });

describe('the grammar of ${…} reads', () => {
  test.each([
    ['plain', ['plain']],
    ['', []],
    ['${db.url}', ['<db|url>']],
    ['${db.inside.url}/x', ['<db|inside|url>', '/x']],
    ['a ${db.host}:${db.port} b', ['a ', '<db|host>', ':', '<db|port>', ' b']],
    ['${with.user}@${at.host}', ['<with|user>', '@', '<at|host>']],
    ['$NAME', ['{NAME  }']],
    ['${NAME}', ['{NAME  }']],
    ['$A-$B', ['{A  }', '-', '{B  }']],
    ['${A:-x}', ['{A :- x}']],
    ['${A-}', ['{A - }']],
    ['${A:?why}', ['{A :? why}']],
    ['${A:+b}', ['{A :+ b}']],
    ['${A:-${B-x}}', ['{A :- {B - x}}']],
    ['${A:-${B:-${C:-d}}}e', ['{A :- {B :- {C :- d}}}', 'e']],
    ['${X:-${db.url}}', ['{X :- <db|url>}']],
    ['${X:-pre ${db.url} post}', ['{X :- pre  + <db|url> +  post}']],
    ['${X:-$$}', ['{X :- $}']],
    ['$$', ['$']],
    ['$$$', ['$$']],
    ['$$$$', ['$$']],
    ['$$db $1 a$', ['$db $1 a$']],
    ['$', ['$']],
    ['a$', ['a$']],
    ['$ ', ['$ ']],
    ['$$NAME', ['$NAME']],
    ['$$${db.url}', ['$', '<db|url>']],
    ['$${db.url}', ['${db.url}']],
    ['${a-b.url}', ['<a-b|url>']],
    ['${a.url}', ['<a|url>']],
  ])('%s', (text, expected) => {
    expect(shown(parse(text))).toEqual(expected);
  });

  test('${a-b.url} as a dangling reference when there is no service a-b', () => {
    expect(refusal(() => parse('${a-b.url}', { owners: new Set(['a']) }))).toContain('REFERENCE_DANGLING');
  });
  test('${a-b.com} as a variable with a default when there is no service a-b', () => {
    expect(shown(parse('${a-b.com}', { owners: new Set(['a']) }))).toEqual(['{a - b.com}']);
  });
  test('${a-b.x} as a dangling reference when a template has a parameter or port x', () => {
    expect(refusal(() => parse('${a-b.x}', { owners: new Set(), properties: ['x'] }))).toContain('REFERENCE_DANGLING');
  });
  test('the longest owner, also one with a dot', () => {
    expect(shown(parse('${a.b.url}', { owners: new Set(['a', 'a.b']) }))).toEqual(['<a.b|url>']);
  });
  test('an unknown owner as a reference, if it accepts any owner', () => {
    expect(shown(parse('${nope.url}', { unknownOwners: 'accept' }))).toEqual(['<nope|url>']);
  });
});

describe('the grammar of ${…} refuses', () => {
  test.each([
    ['${db.url', 'does not close it'],
    ['${', 'does not close it'],
    ['${}', 'neither a reference nor a variable'],
    ['${1}', 'neither a reference nor a variable'],
    ['${A b}', 'neither a reference nor a variable'],
    ['${nope.url}', 'does not have'],
    ['${bd.url}', 'db'],
  ])('%s', (text, expected) => {
    expect(refusal(() => parse(text))).toContain(expected);
  });
  test('at the position of the text, which it looks up only then', () => {
    let looked = 0;
    const grammar: Grammar = {
      owners: new Set(['db']),
      get position() {
        looked++;
        return { file: 'p.yaml', line: 7, column: 3 };
      },
    };
    parseText('${db.url} $A $$', grammar);
    expect(looked).toBe(0);
    expect(refusal(() => parseText('${nope.url}', grammar))).toMatch(/^7:3 /);
  });
});
