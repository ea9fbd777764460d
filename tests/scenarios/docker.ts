/** The engine as the docker command sees it, beside envctl. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { begin, type Ended, root } from '../cli/command.js';

/** The docker command's own word, outside envctl. Throws where it fails. */
export async function docker(...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await dockerEnded(argv);
  if (code !== 0) throw new Error(`docker ${argv.join(' ')}: ${stderr}`);
  return stdout;
}

export const dockerEnded = (
  argv: readonly string[],
  options: { readonly input?: string; readonly cwd?: string } = {},
): Promise<Ended> =>
  begin(['docker', ...argv], {
    cwd: options.cwd ?? root,
    env: process.env,
    timeoutMs: 60_000,
    ...(options.input === undefined ? {} : { input: options.input }),
  }).ended;

/** What this machine uses for an image: the lab's stand-in, else the image itself; it is here afterwards. */
export async function imageHere(name: string): Promise<string> {
  const rules = process.env.ENVCTL_IMAGES
    ? (parse(readFileSync(process.env.ENVCTL_IMAGES, 'utf8')) as { images?: Record<string, string> })
    : {};
  const image = rules.images?.[name] ?? rules.images?.[name.replace(/:[^:/]*$/, '')] ?? name;
  if ((await dockerEnded(['image', 'inspect', image])).code !== 0) await docker('pull', '--quiet', image);
  return image;
}

/** Gives an image of this machine another name while `body` runs. */
export async function withTag(image: string, tags: readonly string[], body: () => Promise<void>): Promise<void> {
  const here = await imageHere(image);
  for (const tag of tags) await docker('tag', here, tag);
  try {
    await body();
  } finally {
    await dockerEnded(['rmi', ...tags]);
  }
}

export const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');
