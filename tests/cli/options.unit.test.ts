import { Command } from 'commander';
import { afterEach, describe, expect, test } from 'vitest';
import { flag, list, readSets, readTimeout } from '../../src/cli/options.js';
import { refusal } from '../testing/resolving.js';

test('--set takes everything behind the first equals sign', () => {
  expect(readSets(['a=1', 'b=', 'c=x=y'])).toEqual({ a: '1', b: '', c: 'x=y' });
});
test('of two settings of one name the last counts', () => {
  expect(readSets(['a=1', 'a=2'])).toEqual({ a: '2' });
});
test.each(['workers', '=4', ''])('--set %s is refused with how it is written', (text) => {
  expect(refusal(() => readSets([text]))).toMatch(/has no value → Write --set name=value\. \(USAGE 2\)/);
});

test.each([
  [undefined, null],
  ['60', 60_000],
  ['90s', 90_000],
  ['1m30s', 90_000],
  ['500ms', 500],
])('a time limit of %s', (text, expected) => {
  expect(readTimeout(text, 'timeout')).toBe(expected);
});
test.each(['soon', '0', '-1', '5 s', ''])('a time limit of "%s" is refused', (text) => {
  expect(refusal(() => readTimeout(text, 'timeout'))).toMatch(
    /--timeout \(or ENVCTL_TIMEOUT\) is .* not a time → Write seconds \(60\) or a duration \(90s, 5m\)\. \(USAGE 2\)/,
  );
});

const before = { ...process.env };
afterEach(() => {
  for (const name of ['ENVCTL_KEEP', 'ENVCTL_WITHOUT']) if (!(name in before)) delete process.env[name];
});

/** What a command line means, with an environment variable set. */
function parsed(
  option: () => ReturnType<typeof flag>,
  variables: Readonly<Record<string, string>>,
  argv: readonly string[],
): unknown {
  Object.assign(process.env, variables);
  return new Command()
    .addOption(option())
    .parse([...argv], { from: 'user' })
    .opts();
}

describe('a flag’s variable', () => {
  const keep = (): ReturnType<typeof flag> => flag('--keep', 'leave it', 'ENVCTL_KEEP');

  test.each(['1', 'true', 'yes'])('switches it on: %s', (value) => {
    expect(parsed(keep, { ENVCTL_KEEP: value }, [])).toEqual({ keep: true });
  });
  test.each(['', '0', 'false', 'no'])('leaves it off: "%s"', (value) => {
    expect(parsed(keep, { ENVCTL_KEEP: value }, [])).toEqual({});
    expect(parsed(keep, { ENVCTL_KEEP: value }, ['--keep'])).toEqual({ keep: true });
  });
});

test('a list’s variable is divided, and what the flags say comes in its place', () => {
  const without = (): ReturnType<typeof list> =>
    list('--without <service...>', 'all but', { variable: 'ENVCTL_WITHOUT', separator: ',' });
  expect(parsed(without, {}, [])).toEqual({ without: [] });
  expect(parsed(without, { ENVCTL_WITHOUT: 'app,worker' }, [])).toEqual({ without: ['app', 'worker'] });
  expect(parsed(without, { ENVCTL_WITHOUT: 'app,worker' }, ['--without', 'db', '--without', 'cache'])).toEqual({
    without: ['db', 'cache'],
  });
  expect(parsed(without, { ENVCTL_WITHOUT: 'app' }, ['--without', 'db', 'cache'])).toEqual({
    without: ['db', 'cache'],
  });
});
