/** Every command in the documentation is run, in order, in the project of a reader who followed it. */
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type CommandResult, cleanEnv, startCommand } from '../cli/command.js';
import { describeDocker } from '../scenarios/vocabulary.js';
import { blocks, type DocBlock, nameOf } from './blocks.js';
import { makeReaderProject } from './reader-project.js';

/** Blocks that are shown and not run, by their first line. */
const shownOnly: Readonly<Record<string, string>> = {
  'npm install --save-dev envctl': 'package.real.test.ts installs the package',
  'npm install --save-dev mockttp': 'is a dependency of this repository already',
};

/** Commands of other ecosystems, so that `envctl run … -- pytest` runs without Python. */
const foreign = ['pytest', 'mvn', 'go'];

/** Documents about this repository; their commands run in it, not in the project of a reader. */
const aboutThisRepository = ['CONTRIBUTING.md', 'environments/shop/README.md'];

const project = makeReaderProject();
const bin = join(project, 'node_modules/.bin');
for (const name of foreign) {
  writeFileSync(join(bin, name), '#!/bin/sh\nexit 0\n');
  chmodSync(join(bin, name), 0o755);
}
mkdirSync(join(project, 'home'));

const run = (script: string): Promise<CommandResult> =>
  startCommand(['bash', '-c', `set -euo pipefail\n${script}`], {
    cwd: project,
    env: cleanEnv({
      XDG_STATE_HOME: join(project, 'home/state'),
      XDG_CONFIG_HOME: join(project, 'home/config'),
      GITHUB_ENV: join(project, 'home/github-env'),
      npm_config_offline: 'true',
      PATH: `${bin}:${process.env.PATH ?? ''}`,
    }),
    timeoutMs: 170_000,
  }).ended;

/** The commands of a CI job that call envctl. */
function commandsOf({ language, tag, text }: DocBlock): string | null {
  if (language === 'sh') return text;
  if (tag !== 'ci') return null;
  const lines = scripts(parse(text));
  return lines.filter((line) => line.includes('envctl')).join('\n');
}

function scripts(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'run' && typeof inner === 'string' ? [inner] : key === 'script' ? (inner as string[]) : scripts(inner),
  );
}

/** Takes down whatever a document left, and only what belongs to this project. */
const cleanup = [
  'for profile in shop orders scaled compose; do envctl down "$profile"; envctl down "$profile" -i second; done',
  'for file in *compose*.yml; do envctl down -f "$file"; done',
].join('\n');

const found = blocks.flatMap((block) => {
  const script = aboutThisRepository.includes(block.document) ? null : commandsOf(block);
  return script === null || shownOnly[script.split('\n')[0] ?? ''] !== undefined
    ? []
    : [{ name: nameOf(block), script }];
});

afterAll(async () => {
  await run(cleanup);
  rmSync(project, { recursive: true, force: true });
});

describeDocker('the documents', () => {
  test.each(found)('the commands at $name succeed', async ({ script }) => {
    const { code, stdout, stderr } = await run(script);
    expect(code, `${script}\n${stdout}\n${stderr}`).toBe(0);
  });
});

test('every block that is only shown exists', () => {
  const firstLines = blocks.flatMap(({ language, text }) => (language === 'sh' ? [text.split('\n')[0]] : []));
  expect(firstLines).toEqual(expect.arrayContaining(Object.keys(shownOnly)));
});
