/** The docker command, for tests. Needs no engine to be imported. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type CommandResult, root, startCommand } from '../cli/command.js';

/** The variables before any test changes them. */
const env = { ...process.env };

/** Output of a docker command, trimmed. Throws if it fails. */
export function docker(...argv: string[]): string {
  return execFileSync('docker', argv, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

/** The same without blocking other tests, and with the final newline. */
export async function dockerAsync(...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await dockerEnded(argv);
  if (code !== 0) throw new Error(`docker ${argv.join(' ')}: ${stderr}`);
  return stdout;
}

/** A docker command that may fail. */
export const dockerEnded = (
  argv: readonly string[],
  options: { readonly input?: string; readonly cwd?: string } = {},
): Promise<CommandResult> => startCommand(['docker', ...argv], { cwd: root, env, timeoutMs: 60_000, ...options }).ended;

export const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** The image that replaces another one on this machine, by the `images:` map in the file that ENVCTL_IMAGES names. */
export function substituted(image: string): string {
  if (!process.env.ENVCTL_IMAGES) return image;
  const { images = {} } = parse(readFileSync(process.env.ENVCTL_IMAGES, 'utf8')) as { images?: Record<string, string> };
  return images[image] ?? images[image.replace(/:[^:/]*$/, '')] ?? image;
}

/** The substituted image, pulled if it is missing. */
export async function imageHere(name: string): Promise<string> {
  const image = substituted(name);
  if ((await dockerEnded(['image', 'inspect', image])).code !== 0) await dockerAsync('pull', '--quiet', image);
  return image;
}

/** Tags an image of this machine while `body` runs. */
export async function withTag(image: string, tags: readonly string[], body: () => Promise<void>): Promise<void> {
  const here = await imageHere(image);
  for (const tag of tags) await dockerAsync('tag', here, tag);
  try {
    await body();
  } finally {
    await dockerEnded(['rmi', ...tags]);
  }
}
