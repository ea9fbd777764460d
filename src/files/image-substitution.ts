import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EnvctlError } from '../model/errors.js';
import { isMap } from '../model/json.js';
import type { Folders } from './xdg-directories.js';
import { invalid, readDocument } from './yaml/document.js';

/** Replaces an image by another that this machine or company uses instead. */
export type Substitute = (image: string) => string;

interface ImageRules {
  readonly prefix: string;
  readonly images: Readonly<Record<string, string>>;
}

/**
 * Image substitution from `ENVCTL_IMAGES=<file>` over the user's own `images.yaml`.
 * `images:` maps `repository:tag` (exact) or `repository` (any tag); `prefix:` goes before every other image without a registry host.
 */
export async function imageSubstitution(
  env: Readonly<Record<string, string | undefined>>,
  folders: Folders,
): Promise<Substitute> {
  const own = join(folders.config, 'images.yaml');
  const named = env.ENVCTL_IMAGES;
  if (named && !existsSync(named))
    throw new EnvctlError('USAGE', `ENVCTL_IMAGES names ${named}, which does not exist`, {
      hint: 'Mend the path or unset ENVCTL_IMAGES.',
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
    throw invalid(`unknown key "${unknown}"`, document.position([unknown]), 'This file takes `images` and `prefix`.');
  const entries = isMap(images)
    ? Object.entries(images).map(([name, by]) => [canonical(name), String(by)] as const)
    : [];
  return { images: Object.fromEntries(entries), prefix: typeof prefix === 'string' ? prefix : '' };
}

function substituteImage(image: string, { images, prefix }: ImageRules): string {
  const name = canonical(image);
  const repository = name.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
  const exact = images[name] ?? images[repository];
  if (exact !== undefined) return exact;
  const [first = ''] = name.split('/');
  const hasHost = name.includes('/') && (/[.:]/.test(first) || first === 'localhost');
  return prefix === '' || hasHost ? image : `${prefix.replace(/\/?$/, '/')}${name}`;
}

/** `docker.io/library/postgres` and `postgres` are one name. */
const canonical = (image: string): string => image.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '');
