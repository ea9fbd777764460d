import { describe, expect, test } from 'vitest';
import { masker } from '../../src/connections/masking.js';
import { EnvctlError } from '../../src/model/errors.js';
import { noPaint, paintFor } from '../../src/ui/color.js';
import { type ErrorTextOptions, errorText } from '../../src/ui/errors.js';
import { errorJson } from '../../src/ui/json.js';

const mask = masker(['hunter22']);
const textOf = (error: unknown, options: Partial<ErrorTextOptions> = {}): string =>
  errorText(error, { paint: noPaint, mask, detail: 'short', cwd: '/home/me/shop', ...options });

const misspelt = new EnvctlError('PROFILE_INVALID', 'Unknown key "imge" in service "db"', {
  position: { file: '/home/me/shop/environments/shop.yaml', line: 12, column: 5 },
  hint: 'Did you mean "image"?',
});

describe('errorText for an EnvctlError', () => {
  test('shows position, message, code and hint', () => {
    expect(textOf(misspelt)).toBe(
      '✖ environments/shop.yaml:12:5  Unknown key "imge" in service "db" (PROFILE_INVALID)\n→ Did you mean "image"?\n',
    );
  });

  test('shows the absolute path of a file outside the working folder', () => {
    expect(textOf(misspelt, { cwd: '/home/me/other' })).toMatch(
      /^✖ \/home\/me\/shop\/environments\/shop\.yaml:12:5 {2}Unknown/,
    );
  });

  test('shows the last 20 lines of the details, or all of them in whole detail', () => {
    const detail = Array.from({ length: 25 }, (_, index) => `line ${index + 1}`).join('\n');
    const error = new EnvctlError('SERVICE_FAILED', 'db exited (1)', { detail, hint: 'Read its log.' });
    const lines = textOf(error).split('\n');
    expect(lines.slice(0, 3)).toEqual([
      '✖ db exited (1) (SERVICE_FAILED)',
      '    … 5 more lines above, shown with -v',
      '    line 6',
    ]);
    expect(lines.slice(-3)).toEqual(['    line 25', '→ Read its log.', '']);
    expect(textOf(error, { detail: 'whole' }).split('\n').slice(0, 3)).toEqual([
      '✖ db exited (1) (SERVICE_FAILED)',
      '    line 1',
      '    line 2',
    ]);
  });

  test('hides secrets in message, details, hint and position', () => {
    const error = new EnvctlError('SEED_FAILED', 'hunter22', {
      detail: 'postgres://a:hunter22@h',
      hint: 'not hunter22',
      position: { file: '/hunter22', line: 1, column: 1 },
    });
    expect(textOf(error)).toBe('✖ /•••:1:1  ••• (SEED_FAILED)\n    postgres://a:•••@h\n→ not •••\n');
  });

  test('drops colors and escapes other control characters', () => {
    const error = new EnvctlError('SERVICE_FAILED', 'a\u001b[2Jb', {
      detail: '\u001b[31mred\u001b[0m \u009b2J\u0007 50%\r100%\r\nend\u202e',
      hint: 'c\u001b]0;title\u0007',
    });
    expect(textOf(error)).toBe(
      '✖ a\\x1b[2Jb (SERVICE_FAILED)\n    red \\x9b2J\\x07 50%\n    100%\n    end\\u202e\n→ c\\x1b]0;title\\x07\n',
    );
  });

  test('indents the further lines of message and hint', () => {
    expect(
      textOf(new EnvctlError('CYCLE', 'A cycle:\ndb → app → db', { hint: 'Write ${app.inside.url}\nin db.' })),
    ).toBe('✖ A cycle: (CYCLE)\n    db → app → db\n→ Write ${app.inside.url}\n  in db.\n');
  });

  test('shows the causes in whole detail only', () => {
    const error = new EnvctlError('ENGINE_UNAVAILABLE', 'No engine answers', {
      hint: 'Start it.',
      cause: new Error('connect ENOENT'),
    });
    expect(textOf(error)).not.toContain('ENOENT');
    expect(textOf(error, { detail: 'whole' })).toMatch(
      /^✖ No engine answers .*\n {4}Caused by: Error: connect ENOENT\n/,
    );
  });

  test('colors the text on a terminal', async () => {
    const paint = await paintFor({ isTTY: true }, {});
    expect(textOf(new EnvctlError('USAGE', 'no', { hint: 'yes' }), { paint })).toBe(
      '\u001b[31m✖\u001b[39m \u001b[1mno\u001b[22m \u001b[2m(USAGE)\u001b[22m\n\u001b[36m→\u001b[39m yes\n',
    );
  });
});

describe('errorText for a bug', () => {
  test('shows the stack and asks to report the bug', () => {
    const lines = textOf(new TypeError('x is not a function')).split('\n');
    expect(lines[0]).toBe('✖ TypeError: x is not a function');
    expect(lines[1]).toMatch(/^ {4}at .*errors\.unit\.test\.ts/);
    expect(lines.at(-2)).toBe('→ This is a bug in envctl. Please report it with the lines above.');
  });

  test('shows the causes of the bug', () => {
    expect(textOf(new Error('outer', { cause: new Error('inner') }))).toContain('\n    Caused by: Error: inner\n');
    expect(textOf(new AggregateError([new Error('one'), new Error('two')], 'both'))).toMatch(
      /Caused by: Error: one\n[\s\S]*Caused by: Error: two\n/,
    );
  });

  test('accepts any thrown value', () => {
    expect(textOf('just text')).toMatch(/^✖ just text\n→ This is a bug/);
    expect(textOf(undefined)).toMatch(/^✖ undefined\n/);
  });
});

describe('errorJson', () => {
  test('writes all fields on one line and hides secrets', () => {
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

  test('writes a bug with the code BUG and its stack', () => {
    expect(JSON.parse(errorJson(new Error('oops'), mask))).toMatchObject({
      error: { code: 'BUG', message: 'oops', exitCode: 1, stack: expect.stringContaining('errors.unit.test.ts') },
    });
  });
});
