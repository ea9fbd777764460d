import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EnvctlError } from '../model/errors.js';
import { parseImageReference, repositoryOf, shortImageName } from '../model/image-reference.js';
import { isMap } from '../model/json.js';
import type { UserFolders } from './xdg-directories.js';
import { invalid, readDocument } from './yaml/document.js';

/** Replaces an image with the one this machine or company uses instead. */
export type Substitute = (image: string) => string;

interface ImageRules {
  readonly prefix: string;
  readonly images: Readonly<Record<string, string>>;
}

/**
 * Image substitution from `ENVCTL_IMAGES=<file>` over the user's own `images.yaml`.
 * `images:` maps `repository:tag` (exact) or `repository` (any tag); `prefix:` is put before every other image without
 * a registry host.
 */
export async function imageSubstitution(
  env: Readonly<Record<string, string | undefined>>,
  folders: Pick<UserFolders, 'config'>,
): Promise<Substitute> {
  const own = join(folders.config, 'images.yaml');
  const named = env.ENVCTL_IMAGES;
  if (named && !existsSync(named))
    throw new EnvctlError('USAGE', `ENVCTL_IMAGES is set to ${named}, which does not exist`, {
      hint: 'Fix the path or unset ENVCTL_IMAGES.',
    });
  const rules = await Promise.all([...(existsSync(own) ? [own] : []), ...(named ? [named] : [])].map(readRules));
  const images = Object.assign({}, ...rules.map((one) => one.images)) as Readonly<Record<string, string>>;
  const prefix = rules.map((one) => one.prefix).findLast((one) => one !== '') ?? '';
  return (image) => substituteImage(image, { images, prefix });
}

async function readRules(path: string): Promise<ImageRules> {
  const document = await readDocument(path);
  const { images, prefix, ...rest } = document.value;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    throw invalid(`Unknown key "${unknown}"`, document.position([unknown]), 'Known here: images, prefix.');
  const entries = isMap(images)
    ? Object.entries(images).map(([name, by]) => [shortImageName(name), String(by)] as const)
    : [];
  return { images: Object.fromEntries(entries), prefix: typeof prefix === 'string' ? prefix : '' };
}

function substituteImage(image: string, { images, prefix }: ImageRules): string {
  const name = shortImageName(image);
  const reference = parseImageReference(image);
  const exact = images[name] ?? images[repositoryOf(reference)];
  if (exact !== undefined) return exact;
  return prefix === '' || reference.host !== null ? image : `${prefix.replace(/\/?$/, '/')}${name}`;
}
