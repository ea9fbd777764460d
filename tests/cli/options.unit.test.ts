import { Command } from 'commander';
import { afterEach, describe, expect, test } from 'vitest';
import {
  choice,
  count,
  duration,
  flag,
  list,
  pairs,
  readOptions,
  type TypedOption,
  text,
} from '../../src/cli/option-kinds.js';
import { refusal } from '../testing/resolving.js';

const before = { ...process.env };
afterEach(() => {
  for (const name of ['ENVCTL_KEEP', 'ENVCTL_WITHOUT', 'ENVCTL_NAME']) if (!(name in before)) delete process.env[name];
});

/** The value of one option on a command line, with environment variables set. */
function parsedValue<Value>(
  option: () => TypedOption<Value>,
  argv: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Value {
  Object.assign(process.env, variables);
  const typed = option();
  const command = new Command();
  const built = typed.build();
  for (const one of built) command.addOption(one);
  const name = built[0]?.attributeName() ?? '';
  const values = command.parse([...argv], { from: 'user' }).opts();
  return readOptions({ [name]: typed }, values)[name] as Value;
}

describe('a list of name=value pairs', () => {
  const set = (): TypedOption<Readonly<Record<string, string>>> =>
    pairs('--set <name=value>', 'Set', 'ENVCTL_PARAM_<NAME>');

  test('splits a pair at its first equals sign', () => {
    expect(parsedValue(set, ['--set', 'a=1', '--set', 'b=', '--set', 'c=x=y'])).toEqual({ a: '1', b: '', c: 'x=y' });
  });
  test('uses the last value of a repeated name', () => {
    expect(parsedValue(set, ['--set', 'a=1', '--set', 'a=2'])).toEqual({ a: '2' });
  });
  test.each(['workers', '=4', ''])('refuses the pair "%s", which has no name or no value', (pair) => {
    expect(refusal(() => parsedValue(set, ['--set', pair]))).toMatch(
      /`--set .*` has no value → Write `--set name=value`\. \(USAGE 2\)/,
    );
  });
});

describe('a duration option', () => {
  const timeout = (): TypedOption<number | null> => duration('--timeout <time>', 'Limit', { env: 'ENVCTL_TIMEOUT' });
  const grace = (): TypedOption<number | null> => duration('--grace <time>', 'Grace', { zero: true });

  test.each([
    ['60', 60_000],
    ['90s', 90_000],
    ['1m30s', 90_000],
    ['500ms', 500],
  ])('reads %s as %i ms', (given, expected) => {
    expect(parsedValue(timeout, ['--timeout', given])).toBe(expected);
  });
  test('is null if it is not given', () => {
    expect(parsedValue(timeout, [])).toBeNull();
  });
  test.each(['soon', '0', '-1', '5 s', ''])('refuses "%s" and names its variable', (given) => {
    expect(refusal(() => parsedValue(timeout, [`--timeout=${given}`]))).toMatch(
      /^Invalid duration ".*" for `--timeout` \(or ENVCTL_TIMEOUT\) → Write seconds \(60\) or a duration/,
    );
  });
  test('accepts zero if the option allows it', () => {
    expect(parsedValue(grace, ['--grace', '0'])).toBe(0);
  });
});

describe('a number option', () => {
  const tail = (): TypedOption<number | null> => count('-n, --tail <lines>', 'Tail', 0);

  test('reads a whole number', () => {
    expect(parsedValue(tail, ['-n', '20'])).toBe(20);
  });
  test.each(['many', '1.5', '-1', ''])('refuses "%s"', (given) => {
    expect(refusal(() => parsedValue(tail, [`--tail=${given}`]))).toMatch(
      /Invalid number ".*" for `--tail` → Write a whole number of 0 or more\. \(USAGE 2\)/,
    );
  });
});

describe('an option with choices', () => {
  const storage = (): TypedOption<'memory' | 'disk'> =>
    choice('--storage <kind>', 'Storage', { choices: ['memory', 'disk'], default: 'disk', env: 'ENVCTL_STORAGE' });

  test('has a default', () => {
    expect(parsedValue(storage, [])).toBe('disk');
    expect(parsedValue(storage, ['--storage', 'memory'])).toBe('memory');
  });
  test('suggests the nearest choice for another value', () => {
    expect(refusal(() => parsedValue(storage, ['--storage', 'dsik']))).toBe(
      'Invalid value "dsik" for `--storage` (or ENVCTL_STORAGE) → Did you mean "disk"? (USAGE 2)',
    );
  });
});

describe('the variable of a flag', () => {
  const keep = (): TypedOption<boolean> => flag('--keep', 'Keep', 'ENVCTL_KEEP');

  test.each(['1', 'true', 'yes'])('switches the flag on with "%s"', (value) => {
    expect(parsedValue(keep, [], { ENVCTL_KEEP: value })).toBe(true);
  });
  test.each(['', '0', 'false', 'no'])('leaves the flag off with "%s"', (value) => {
    expect(parsedValue(keep, [], { ENVCTL_KEEP: value })).toBe(false);
    expect(parsedValue(keep, ['--keep'], { ENVCTL_KEEP: value })).toBe(true);
  });
});

describe('the variable of an option with a value', () => {
  const name = (): TypedOption<string | null> => text('--name <name>', 'Name', 'ENVCTL_NAME');

  test('sets the value, and the command line wins', () => {
    expect(parsedValue(name, [], { ENVCTL_NAME: 'a' })).toBe('a');
    expect(parsedValue(name, ['--name', 'b'], { ENVCTL_NAME: 'a' })).toBe('b');
  });
  test('counts as not set if it is empty', () => {
    expect(parsedValue(name, [], { ENVCTL_NAME: '' })).toBeNull();
  });
});

test('the variable of a list is split, and flags on the command line replace it', () => {
  const without = (): TypedOption<readonly string[]> =>
    list('--without <service...>', 'Skip', { env: 'ENVCTL_WITHOUT', separator: ',' });
  expect(parsedValue(without, [])).toEqual([]);
  expect(parsedValue(without, [], { ENVCTL_WITHOUT: 'app,worker' })).toEqual(['app', 'worker']);
  expect(parsedValue(without, ['--without', 'db', '--without', 'cache'], { ENVCTL_WITHOUT: 'app,worker' })).toEqual([
    'db',
    'cache',
  ]);
  expect(parsedValue(without, ['--without', 'db', 'cache'], { ENVCTL_WITHOUT: 'app' })).toEqual(['db', 'cache']);
});
