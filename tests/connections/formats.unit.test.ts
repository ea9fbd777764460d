import { spawnSync } from 'node:child_process';
import { parseEnv } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { formatNames } from '../../src/connections/formats/format-names.js';
import { format } from '../../src/connections/formats/formats.js';
import { EnvctlError } from '../../src/model/errors.js';

const all = ['dotenv', 'shell', 'fish', 'powershell', 'json', 'yaml', 'github', 'gitlab', 'docker', 'properties'];
const without = (...names: string[]) => all.filter((name) => !names.includes(name));

/** A value, and the formats that can hold it exactly; all others must refuse it. */
const hostile: readonly (readonly [what: string, value: string, holds: readonly string[]])[] = [
  ['a plain URL', 'postgresql://app:s3cret@127.0.0.1:49153/shop', all],
  ['nothing', '', without('powershell')],
  ['a space inside', 'a b', all],
  ['white space at its ends', ' a\t', without('gitlab')],
  ['a hash', 'a #b', all],
  ['a dollar', 'a$b ${HOME} $(id) $$', without('gitlab')],
  ['a single quote', "it's", all],
  ['double quotes inside', 'say "hi" now', all],
  ['double quotes around it', '"hi"', without('docker')],
  ['single quotes around it', "'hi'", without('docker')],
  ['both quotes', `'"`, all],
  ['all three quotes', `'"\``, without('dotenv')],
  ['a backslash at its end', 'C:\\temp\\', all],
  ['a backslash before a quote', "a\\'b", all],
  ['escapes of others', '\\n\\t\\u0041\\x41%41&amp;', all],
  ['a backtick command', '`id`', all],
  ['a line break', 'a\nb', without('gitlab', 'docker')],
  ['a line break at its end', 'a\n', without('gitlab', 'docker')],
  ['a line that looks like a variable', "a\nB='c'\n", without('gitlab', 'docker')],
  ['a carriage return', 'a\rb', without('dotenv', 'gitlab', 'docker')],
  ['a carriage return at its end', 'a\r', without('dotenv', 'gitlab', 'docker', 'github')],
  ['the end of a GitHub block', 'ENVCTL_END\nENVCTL_END_', without('gitlab', 'docker')],
  ['an equals sign', '=a==b', all],
  ['accents and emoji', 'naïve café 🚢', all],
  ['typographic quotes', '\u2018a\u2019 \u201cb\u201d', all],
  ['line ends of YAML 1.1', 'a\u2028b\u0085c', all],
  ['a control character', 'a\u001b[31m\u0007', all],
  ['a NUL', 'a\0b', ['json', 'yaml', 'properties']],
  ['half a character', 'a\ud83d', ['json', 'properties']],
  ['words of YAML', 'no', all],
];

describe.each(hostile)('a value with %s', (_what, value, holds) => {
  test.each(all)('writes the value exactly as %s, or refuses the variable by name', (name) => {
    if (holds.includes(name)) {
      expect(readers[name]?.(format(name, { BEFORE: 'x', VALUE: value, AFTER: "it's" }))).toEqual({
        BEFORE: 'x',
        VALUE: value,
        AFTER: "it's",
      });
      return;
    }
    const error = refusal(() => format(name, { BEFORE: 'x', VALUE: value }));
    expect(error).toMatchObject({
      code: 'VALUE_UNREPRESENTABLE',
      message: expect.stringMatching(`^VALUE cannot be written as ${name}: it has `),
    });
    expect(error.hint).toBe(`Use a format that can: ${holds.join(', ')}.`);
  });
});

test('lists the formats in the help', () => {
  expect(formatNames).toEqual(all);
});

test('suggests the nearest format for an unknown one', () => {
  expect(refusal(() => format('dotnev', {}))).toMatchObject({
    code: 'USAGE',
    message: 'There is no format "dotnev"',
    hint: 'Did you mean "dotenv"?',
  });
});

test('does not show a refused value', () => {
  const error = refusal(() => format('docker', { PASSWORD: 'hunter2\nhunter3' }));
  expect(error.message).toBe('PASSWORD cannot be written as docker: it has a line break');
  expect(JSON.stringify(error)).not.toContain('hunter');
});

test.each(all)('refuses an invalid variable name as %s', (name) => {
  expect(refusal(() => format(name, { 'a-b': 'x' }))).toMatchObject({
    message: `a-b cannot be written as ${name}: it has a name with other characters than letters, digits and _`,
    hint: 'No format can: change the export.',
  });
});

test.each([
  ['github', 'GITHUB_TOKEN'],
  ['github', 'NODE_OPTIONS'],
  ['shell', 'UID'],
  ['fish', 'status'],
])('format %s refuses the reserved name %s', (name, variable) => {
  expect(refusal(() => format(name, { [variable]: 'x' })).message).toMatch(
    `${variable} cannot be written as ${name}: it has a name that `,
  );
});

test('writes names that are keywords of YAML or JavaScript', () => {
  const exports = JSON.parse('{"NO":"a","null":"b","__proto__":"c","constructor":"d"}');
  expect(format('yaml', exports)).toBe('"NO": "a"\n"null": "b"\n__proto__: "c"\nconstructor: "d"\n');
  for (const name of ['yaml', 'json'])
    expect(Object.entries(readers[name]?.(format(name, exports)) ?? {})).toEqual(Object.entries(exports));
});

test('a backslash at the end of a value does not join the next line', () => {
  expect(format('dotenv', { FOLDER: 'C:\\my data\\', NUMBER: '#07' })).toBe("FOLDER=C:\\my data\\\nNUMBER='#07'\n");
  expect(refusal(() => format('dotenv', { FOLDER: "'C:\\" })).message).toBe(
    'FOLDER cannot be written as dotenv: it has characters that no kind of quotes keeps',
  );
});

test('writes no variables as a text without variables', () => {
  expect(all.map((name) => format(name, {}))).toEqual(['', '', '', '', '{}\n', '{}\n', '', '', '', '']);
});

test('writes each format in its syntax', () => {
  const exports = { URL: 'http://127.0.0.1:8000/', NOTE: "it's\\é" };
  const written = Object.fromEntries(all.map((name) => [name, format(name, exports)]));
  expect(written).toEqual({
    dotenv: "URL=http://127.0.0.1:8000/\nNOTE=`it's\\é`\n",
    shell: "export URL='http://127.0.0.1:8000/'\nexport NOTE='it'\\''s\\é'\n",
    fish: "set -gx URL 'http://127.0.0.1:8000/'\nset -gx NOTE 'it\\'s\\\\é'\n",
    powershell: "$env:URL = 'http://127.0.0.1:8000/'\n$env:NOTE = 'it''s\\é'\n",
    json: '{\n  "URL": "http://127.0.0.1:8000/",\n  "NOTE": "it\'s\\\\é"\n}\n',
    yaml: 'URL: "http://127.0.0.1:8000/"\nNOTE: "it\'s\\\\é"\n',
    github: "URL<<ENVCTL_END\nhttp://127.0.0.1:8000/\nENVCTL_END\nNOTE<<ENVCTL_END\nit's\\é\nENVCTL_END\n",
    gitlab: "URL=http://127.0.0.1:8000/\nNOTE=it's\\é\n",
    docker: "URL=http://127.0.0.1:8000/\nNOTE=it's\\é\n",
    properties: "URL=http://127.0.0.1:8000/\nNOTE=it's\\\\\\u00e9\n",
  });
});

describe('500 generated hostile values', () => {
  const values = generate(500);

  test.each(all)('are exact as %s or refused, alone and all together', (name) => {
    const held = values.flatMap((value, index) => (holds(name, value) ? [[`V${index}`, value] as const] : []));
    expect(readers[name]?.(format(name, Object.fromEntries(held)))).toEqual(Object.fromEntries(held));
    const expected = {
      dotenv: 435,
      shell: 500,
      fish: 500,
      powershell: 500,
      json: 500,
      yaml: 500,
      github: 481,
      gitlab: 242,
      docker: 396,
      properties: 500,
    };
    expect([name, held.length]).toEqual([name, expected[name as keyof typeof expected]]);
  });
});

/** Independent readers if this machine has one, else a second implementation of the target's rules. */
const readers: Readonly<Record<string, (text: string) => Record<string, string>>> = {
  dotenv: (text) => ({ ...(parseEnv(text) as Record<string, string>) }),
  shell: (text) => ({ ...evaluated('bash', text), ...evaluated('sh', text) }),
  fish: (text) =>
    pairs(text, /set -gx (\w+) '((?:\\\\|\\'|[^'\\])*)'\n/g, (value) =>
      value
        .split('\\\\')
        .map((part) => part.replaceAll("\\'", "'"))
        .join('\\'),
    ),
  powershell: (text) => pairs(text, /\$env:(\w+) = ([^\n]*)\n/g, powershellValue),
  json: (text) => JSON.parse(text),
  yaml: (text) => parseYaml(text),
  github: githubRunner,
  gitlab: (text) => pairs(text, /([^=\n]+)=([^\n]*)\n/g, (value) => value),
  docker: (text) => pairs(text, /([^=\n]+)=([^\n]*)\n/g, (value) => value),
  properties: (text) => pairs(text, /(\w+)=([ -~]*)\n/g, javaValue),
};

function pairs(text: string, line: RegExp, value: (written: string) => string): Record<string, string> {
  return Object.fromEntries(Array.from(text.matchAll(line), ([, name = '', written = '']) => [name, value(written)]));
}

/** The variables that a shell gets by running the text. */
function evaluated(shell: string, text: string): Record<string, string> {
  const { stdout, stderr, status } = spawnSync(
    shell,
    ['-c', `unset PWD SHLVL _ OLDPWD\neval "$ENVCTL_TEXT"\nunset ENVCTL_TEXT\nexec /usr/bin/env -0`],
    {
      env: { ENVCTL_TEXT: text },
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
      timeout: 10_000,
    },
  );
  expect([status, stderr]).toEqual([0, '']);
  const entries = stdout.split('\0').filter((entry) => entry !== '' && !/^(?:PWD|SHLVL|_|OLDPWD)=/.test(entry));
  return Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
}

function powershellValue(written: string): string {
  const inner = Array.from(written.slice(1, -1));
  let value = '';
  for (let at = 0; at < inner.length; at++) {
    if (written.startsWith("'")) {
      if ("'\u2018\u2019\u201a\u201b".includes(inner[at] ?? '')) at++;
    } else if (inner[at] === '`') {
      at++;
      value += { n: '\n', r: '\r' }[inner[at] ?? ''] ?? inner[at];
      continue;
    }
    value += inner[at];
  }
  return value;
}

/** The loop of the GitHub runner: a line `NAME<<END`, then lines until `END`. */
function githubRunner(text: string): Record<string, string> {
  const read: Record<string, string> = {};
  const lines = text.split('\n');
  for (let at = 0; at < lines.length - 1; at++) {
    const [name = '', end = ''] = (lines[at] ?? '').split('<<');
    const stop = lines.indexOf(end, at + 1);
    expect(stop).toBeGreaterThan(at);
    read[name] = lines.slice(at + 1, stop).join('\n');
    at = stop;
  }
  return read;
}

function javaValue(written: string): string {
  let value = '';
  for (let at = 0; at < written.length; at++) {
    if (written[at] !== '\\') {
      value += written[at];
    } else if (written[++at] === 'u') {
      value += String.fromCharCode(Number(`0x${written.slice(at + 1, at + 5)}`));
      at += 4;
    } else {
      value += { t: '\t', n: '\n', f: '\f', r: '\r' }[written[at] ?? ''] ?? written[at];
    }
  }
  return value;
}

function refusal(attempt: () => unknown): EnvctlError {
  try {
    attempt();
  } catch (error) {
    if (error instanceof EnvctlError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

function holds(name: string, value: string): boolean {
  try {
    format(name, { VALUE: value });
    return true;
  } catch (error) {
    if (error instanceof EnvctlError && error.code === 'VALUE_UNREPRESENTABLE') return false;
    throw error;
  }
}

/** The same values on every run, made of characters with a meaning in some format. */
function generate(count: number): readonly string[] {
  const pieces = [
    "'",
    '"',
    '`',
    '$',
    '${A}',
    '#',
    '\\',
    '\\n',
    '\n',
    '\r',
    '\t',
    ' ',
    '=',
    ':',
    '!',
    '%',
    'é',
    '🚢',
    '\u2019',
    '<<',
    'A=b',
    'x',
    'abc',
    '07',
  ];
  let state = 20_241;
  const next = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + next(6) }, () => pieces[next(pieces.length)] ?? '').join(''),
  );
}
