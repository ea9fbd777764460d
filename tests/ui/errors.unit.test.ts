import { describe, expect, test } from 'vitest';
import { masker } from '../../src/connections/masking.js';
import { EnvctlError } from '../../src/model/errors.js';
import { noPaint, paintFor } from '../../src/ui/color.js';
import { type ErrorTextOptions, errorText } from '../../src/ui/errors.js';
import { errorJson } from '../../src/ui/json.js';

const mask = masker(['hunter22']);
const told = (error: unknown, options: Partial<ErrorTextOptions> = {}): string =>
  errorText(error, { paint: noPaint, mask, detail: 'short', cwd: '/home/me/shop', ...options });

const misspelt = new EnvctlError('PROFILE_INVALID', 'Unknown key "imge" in service "db"', {
  position: { file: '/home/me/shop/environments/shop.yaml', line: 12, column: 5 },
  hint: 'Did you mean "image"?',
});

describe('an error that a user can mend', () => {
  test('names the place, what is wrong, its code, and the remedy', () => {
    expect(told(misspelt)).toBe(
      '✖ environments/shop.yaml:12:5  Unknown key "imge" in service "db" (PROFILE_INVALID)\n→ Did you mean "image"?\n',
    );
  });

  test('names a file outside the folder by its whole path', () => {
    expect(told(misspelt, { cwd: '/home/me/other' })).toMatch(
      /^✖ \/home\/me\/shop\/environments\/shop\.yaml:12:5 {2}Unknown/,
    );
  });

  test('shows the last twenty lines of its evidence, or all that there is', () => {
    const detail = Array.from({ length: 25 }, (_, index) => `line ${index + 1}`).join('\n');
    const error = new EnvctlError('SERVICE_FAILED', 'db exited (1)', { detail, hint: 'Read its log.' });
    const lines = told(error).split('\n');
    expect(lines.slice(0, 3)).toEqual([
      '✖ db exited (1) (SERVICE_FAILED)',
      '    … 5 lines before these, shown with -v',
      '    line 6',
    ]);
    expect(lines.slice(-3)).toEqual(['    line 25', '→ Read its log.', '']);
    expect(told(error, { detail: 'whole' }).split('\n').slice(0, 3)).toEqual([
      '✖ db exited (1) (SERVICE_FAILED)',
      '    line 1',
      '    line 2',
    ]);
  });

  test('hides secrets wherever they stand', () => {
    const error = new EnvctlError('SEED_FAILED', 'hunter22', {
      detail: 'postgres://a:hunter22@h',
      hint: 'not hunter22',
      position: { file: '/hunter22', line: 1, column: 1 },
    });
    expect(told(error)).toBe('✖ /•••:1:1  ••• (SEED_FAILED)\n    postgres://a:•••@h\n→ not •••\n');
  });

  test('drops colours, and shows what else would steer the terminal', () => {
    const error = new EnvctlError('SERVICE_FAILED', 'a\u001b[2Jb', {
      detail: '\u001b[31mred\u001b[0m \u009b2J\u0007 50%\r100%\r\nend\u202e',
      hint: 'c\u001b]0;title\u0007',
    });
    expect(told(error)).toBe(
      '✖ a\\x1b[2Jb (SERVICE_FAILED)\n    red \\x9b2J\\x07 50%\n    100%\n    end\\u202e\n→ c\\x1b]0;title\\x07\n',
    );
  });

  test('keeps several lines of message and hint together', () => {
    expect(told(new EnvctlError('CYCLE', 'A cycle:\ndb → app → db', { hint: 'Write ${app.inside.url}\nin db.' }))).toBe(
      '✖ A cycle: (CYCLE)\n    db → app → db\n→ Write ${app.inside.url}\n  in db.\n',
    );
  });

  test('tells its causes where all is asked for', () => {
    const error = new EnvctlError('ENGINE_UNAVAILABLE', 'No engine answers', {
      hint: 'Start it.',
      cause: new Error('connect ENOENT'),
    });
    expect(told(error)).not.toContain('ENOENT');
    expect(told(error, { detail: 'whole' })).toMatch(/^✖ No engine answers .*\n {4}because of Error: connect ENOENT\n/);
  });

  test('is coloured where colours are wanted', async () => {
    const paint = await paintFor({ isTTY: true }, {});
    expect(told(new EnvctlError('USAGE', 'no', { hint: 'yes' }), { paint })).toBe(
      '\u001b[31m✖\u001b[39m \u001b[1mno\u001b[22m \u001b[2m(USAGE)\u001b[22m\n\u001b[36m→\u001b[39m yes\n',
    );
  });
});

describe('a bug', () => {
  test('shows its stack and asks to be reported', () => {
    const lines = told(new TypeError('x is not a function')).split('\n');
    expect(lines[0]).toBe('✖ TypeError: x is not a function');
    expect(lines[1]).toMatch(/^ {4}at .*errors\.unit\.test\.ts/);
    expect(lines.at(-2)).toBe(
      '→ This is a bug in envctl, nothing that you did. Please report it with the lines above.',
    );
  });

  test('shows its causes too', () => {
    expect(told(new Error('outer', { cause: new Error('inner') }))).toContain('\n    because of Error: inner\n');
    expect(told(new AggregateError([new Error('one'), new Error('two')], 'both'))).toMatch(
      /because of Error: one\n[\s\S]*because of Error: two\n/,
    );
  });

  test('may be anything that was thrown', () => {
    expect(told('just text')).toMatch(/^✖ just text\n→ This is a bug/);
    expect(told(undefined)).toMatch(/^✖ undefined\n/);
  });
});

describe('an error as JSON', () => {
  test('has all its fields, secrets hidden, on one line', () => {
    const error = new EnvctlError('SEED_FAILED', 'hunter22', {
      detail: 'a\nb',
      hint: 'c',
      service: 'db',
      position: { file: '/f', line: 1, column: 2 },
    });
    const text = errorJson(error, mask);
    expect(text).not.toContain('\n');
    expect(JSON.parse(text)).toEqual({
      error: {
        code: 'SEED_FAILED',
        message: '•••',
        hint: 'c',
        detail: 'a\nb',
        position: { file: '/f', line: 1, column: 2 },
        service: 'db',
        exitCode: 9,
      },
    });
  });

  test('of a bug has the code BUG and a stack', () => {
    expect(JSON.parse(errorJson(new Error('oops'), mask))).toMatchObject({
      error: { code: 'BUG', message: 'oops', exitCode: 1, stack: expect.stringContaining('errors.unit.test.ts') },
    });
  });
});
