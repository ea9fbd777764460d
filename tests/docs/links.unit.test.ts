/** Links between documents lead to files and headings that exist. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { documents, root } from './blocks.js';

/** The anchors that GitHub gives the headings of a document. */
function anchorsOf(path: string): readonly string[] {
  const headings = [...readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm)].map((match) => match[1] ?? '');
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

const linksIn = (document: string): readonly string[] => {
  const text = readFileSync(join(root, document), 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
};

function isBroken(document: string, link: string): boolean {
  if (/^[a-z]+:/.test(link)) return false;
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? join(root, document) : join(root, dirname(document), path);
  return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
}

test.each(documents)('every relative link of %s leads to a file and a heading', (document) => {
  expect(linksIn(document).filter((link) => isBroken(document, link))).toEqual([]);
});

test('every path in src/README.md exists', () => {
  const text = readFileSync(join(root, 'src/README.md'), 'utf8');
  const paths = [...text.matchAll(/`([\w-]+\/[\w./-]*|[\w-]+\.ts)`/g)].map((match) => match[1] ?? '');
  const rooms = ['', 'profile', 'connections', 'run', 'engines', 'protocols'];
  const exists = (path: string): boolean =>
    [join(root, path), ...rooms.map((room) => join(root, 'src', room, path))].some((candidate) =>
      existsSync(candidate),
    );
  expect(paths.length).toBeGreaterThan(30);
  expect(paths.filter((path) => !exists(path) && path !== '.envctl/')).toEqual([]);
});
