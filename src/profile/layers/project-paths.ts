import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { EnvctlError } from '../../model/errors.js';
import type { Document } from '../../model/profile.js';
import { displayRewritten } from '../references/rewrite.js';

/** The context of a value during normalization. */
export interface LayerPlace {
  readonly document: Document;
  readonly project: string;
  /** Follows symbolic links as far as the path exists. */
  readonly realPath: (path: string) => string;
  readonly path: readonly (string | number)[];
}

export const at = (place: LayerPlace, ...keys: readonly (string | number)[]): LayerPlace => ({
  ...place,
  path: [...place.path, ...keys],
});

/** The folder of the file that contains a value; a document can come from several files. */
export const folderOf = (place: LayerPlace): string =>
  dirname(place.document.position(place.path).file || place.document.path);

/** A path of the profile, absolute. Throws PROFILE_INVALID if it leaves the project, literally or through a link. */
export function inside(path: string, place: LayerPlace): string {
  const absolute = resolve(folderOf(place), path);
  if (isInside(absolute, place.project) && isInside(place.realPath(absolute), place.realPath(place.project)))
    return absolute;
  throw new EnvctlError('PROFILE_INVALID', `"${displayRewritten(path)}" leads out of the project (${place.project})`, {
    hint: 'Move the file into the project, or bind-mount an absolute path.',
    position: place.document.position(place.path),
  });
}

function isInside(path: string, folder: string): boolean {
  const away = relative(folder, path);
  return away !== '..' && !/^\.\.[\\/]/.test(away) && !isAbsolute(away);
}

/** A bind mount's source: relative ones stay inside, absolute ones (and the user's home) are the user's word. */
export function hostPath(source: string, place: LayerPlace): string {
  return isAbsolute(source) || /^~|^[A-Za-z]:[\\/]/.test(source) ? source : inside(source, place);
}
