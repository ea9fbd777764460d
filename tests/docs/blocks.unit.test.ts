/** Every profile, template and JSON document in the documentation is read by the code it is for. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { commands } from '../../src/cli/program.js';
import { imageSubstitution } from '../../src/files/image-substitution.js';
import { loadProfile } from '../../src/files/load-profile.js';
import { loadTemplates } from '../../src/files/templates.js';
import { readDocument } from '../../src/files/yaml/document.js';
import type { Environment } from '../../src/model/environment.js';
import { resolveText } from '../testing/resolving.js';
import { blocks, type DocBlock, nameOf, root } from './blocks.js';
import { makeReaderProject } from './reader-project.js';

/** Languages and tags that another test takes, or that are only shown. */
const elsewhere: Readonly<Record<string, string>> = {
  sh: 'run by blocks.real.test.ts',
  'yaml ci': 'its commands are run by blocks.real.test.ts',
  ts: 'type-checked by package.real.test.ts',
  text: 'output or a diagram',
  diff: 'applied by contributing.real.test.ts',
  python: 'shown only: Python is not required to run the tests',
  js: 'run as part of the project of a reader',
  sql: 'run as part of the project of a reader',
  csv: 'run as part of the project of a reader',
};

const project = makeReaderProject();
const templates = await loadTemplates(project);
afterAll(() => rmSync(project, { recursive: true, force: true }));

const isProfile = ({ language, tag, file }: DocBlock): boolean =>
  language === 'yaml' && tag === '' && (file === null || file.startsWith('environments/'));
const isTemplate = ({ file }: DocBlock): boolean => file?.startsWith('.envctl/templates/') === true;
const isCompose = ({ file }: DocBlock): boolean =>
  file !== null && /compose.*\.ya?ml$/.test(file) && !file.includes('/');
const isService = ({ language, tag }: DocBlock): boolean => language === 'yaml' && tag === 'service';
const isImages = ({ tag }: DocBlock): boolean => tag === 'images';
const isJson = ({ language }: DocBlock): boolean => language === 'json';
/** Applied by contributing.real.test.ts. */
const isExtension = ({ document, file }: DocBlock): boolean => document === 'CONTRIBUTING.md' && file !== null;
const handled = [isExtension, isProfile, isTemplate, isCompose, isService, isImages, isJson];

async function resolve(name: string): Promise<Environment> {
  const layers = await loadProfile(name, {
    project,
    env: {},
    readCompose: async ({ files }) => readDocument(files[0] ?? ''),
    signal: new AbortController().signal,
  });
  return resolveText([], {
    layers,
    templates,
    instance: { id: `${name}-000000`, profile: name, project },
  });
}

test('every block of the documentation has a test', () => {
  const untested = blocks.filter(
    (block) => !handled.some((is) => is(block)) && elsewhere[`${block.language} ${block.tag}`.trim()] === undefined,
  );
  expect(
    untested.map(({ language, tag, ...block }) => `${nameOf({ language, tag, ...block })} (${language} ${tag})`),
  ).toEqual([]);
});

describe('profiles', () => {
  test.each(blocks.filter(isProfile).map((block) => [nameOf(block), block] as const))(
    'the profile at %s resolves',
    async (_, block) => {
      const name = block.file?.replace(/^environments\/(.+)\.yaml$/, '$1') ?? `block-${block.line}`;
      if (block.file === null) writeFileSync(join(project, `environments/${name}.yaml`), block.text);
      expect((await resolve(name)).services.length).toBeGreaterThan(0);
    },
  );
  test.each(blocks.filter(isService).map((block) => [nameOf(block), block] as const))(
    'the service at %s resolves',
    async (_, block) => {
      const name = `service-${block.line}`;
      const body = parse(block.text) as Record<string, unknown>;
      const others = { migrate: { image: 'example/app', once: true } };
      writeFileSync(
        join(project, `environments/${name}.yaml`),
        JSON.stringify({ services: { ...others, example: body } }),
      );
      expect((await resolve(name)).services.map((service) => service.name)).toContain('example');
    },
  );
});

test.each(blocks.filter(isTemplate).map((block) => [nameOf(block), block] as const))(
  'the template at %s loads',
  async (_, block) => {
    const name = block.file?.replace(/^.*\/(.+)\.yaml$/, '$1') ?? '';
    expect(templates.get(name)?.summary).toMatch(/\w/);
  },
);

test.each(blocks.filter(isImages).map((block) => [nameOf(block), block] as const))(
  'the image substitutions at %s load',
  async (_, block) => {
    const path = join(project, block.file ?? '');
    const substitute = await imageSubstitution({ ENVCTL_IMAGES: path }, { config: join(project, 'none') });
    expect(substitute('postgres:16')).not.toBe('postgres:16');
  },
);

test.each(blocks.filter(isJson).map((block) => [nameOf(block), block] as const))(
  'the JSON at %s is valid',
  (_, block) => {
    expect(() => JSON.parse(block.text) as unknown).not.toThrow();
  },
);

/** Their commands would run this repository's own tests and environments. */
const aboutThisRepository = ['CONTRIBUTING.md', 'environments/shop/README.md'];
const ownCommands = blocks.filter(
  ({ document, language }) => language === 'sh' && aboutThisRepository.includes(document),
);

test.each(ownCommands.map((block) => [nameOf(block), block] as const))(
  'the commands at %s use scripts, commands and files that exist',
  (_, { text }) => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
    const missing = {
      scripts: [...text.matchAll(/npm run ([\w-]+)/g)].flatMap(([, name = '']) =>
        Object.hasOwn(scripts, name) ? [] : name,
      ),
      commands: [...text.matchAll(/^(?:npx )?envctl (\w+)/gm)].flatMap(([, name]) =>
        commands.some((command) => command.name === name) ? [] : name,
      ),
      files: [...text.matchAll(/(?:^|\s)((?:tests|docs|environments)\/[\w./-]+)/gm)].flatMap(([, path = '']) =>
        existsSync(join(root, path)) ? [] : path,
      ),
    };
    expect(missing).toEqual({ scripts: [], commands: [], files: [] });
  },
);
