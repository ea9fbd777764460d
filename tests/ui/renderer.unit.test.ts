import { describe, expect, test } from 'vitest';
import { noPaint, paintFor, wantsColor } from '../../src/ui/color.js';
import { chooseRenderer, type ProgressChoice, rendererKind } from '../../src/ui/renderer.js';
import { begin } from './story.js';
import { testTerminal } from './terminal.js';

describe('choosing a renderer', () => {
  test.each<readonly [ProgressChoice, { isTTY: boolean }, Record<string, string>, string]>([
    ['auto', { isTTY: true }, {}, 'tty'],
    ['auto', { isTTY: true }, { NO_COLOR: '1' }, 'tty'],
    ['auto', { isTTY: false }, {}, 'plain'],
    ['auto', { isTTY: true }, { CI: 'true' }, 'plain'],
    ['auto', { isTTY: true }, { CI: 'false' }, 'tty'],
    ['auto', { isTTY: true }, { CI: '' }, 'tty'],
    ['auto', { isTTY: true }, { TERM: 'dumb' }, 'plain'],
    ['tty', { isTTY: false }, { CI: '1' }, 'tty'],
    ['plain', { isTTY: true }, {}, 'plain'],
    ['json', { isTTY: true }, {}, 'json'],
    ['quiet', { isTTY: true }, {}, 'quiet'],
  ])('chooses for --progress %s on %o with env %o: %s', (progress, stream, env, kind) => {
    expect(rendererKind({ progress, stream: { ...stream, write: () => {} }, env })).toBe(kind);
  });

  test.each<readonly [ProgressChoice, RegExp]>([
    ['plain', /^\[ {3}0ms\] up shop-1a2b3c on compose: 3 services\n$/],
    ['json', /^\{"version":1,"time":"[^"]*","type":"begin",.*\}\n$/],
    ['quiet', /^$/],
    ['tty', /up shop-1a2b3c {2}0 of 3 ready/],
  ])('loads the %s renderer, which writes to the stream', async (progress, expected) => {
    const stream = { ...testTerminal(), write: (text: string) => (written += text) };
    let written = '';
    const renderer = await chooseRenderer({ progress, stream, env: { NO_COLOR: '1' }, mask: (text) => text });
    renderer.emit(begin);
    await renderer.close();
    expect(written).toMatch(expected);
  });
});

describe('colors', () => {
  test.each<readonly [boolean, Record<string, string>, boolean]>([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
    [false, { FORCE_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [true, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
  ])('wantsColor on a terminal: %s, with env %o: %s', (isTTY, env, wanted) => {
    expect(wantsColor({ isTTY }, env)).toBe(wanted);
  });

  test('paintFor returns escape codes on a terminal and plain text otherwise', async () => {
    expect((await paintFor({ isTTY: true }, {})).red('x')).toBe('\u001b[31mx\u001b[39m');
    expect(await paintFor({ isTTY: false }, {})).toBe(noPaint);
  });
});
