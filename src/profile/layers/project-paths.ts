import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { EnvctlError } from '../../model/errors.js';
import type { Document } from '../../model/profile.js';
import { displayRewritten } from '../references/rewrite.js';

/** The context of a value whose short form is expanded. */
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

/** The folder of the file that has the value; a document may come from several files. */
export const folderOf = (place: LayerPlace): string =>
  dirname(place.document.position(place.path).file || place.document.path);

/** An absolute path inside the project. Throws PROFILE_INVALID if the path or a symbolic link leads out of it. */
export function inside(path: string, place: LayerPlace): string {
  const absolute = resolve(folderOf(place), path);
  if (isInside(absolute, place.project) && isInside(place.realPath(absolute), place.realPath(place.project)))
    return absolute;
  throw new EnvctlError(
    'PROFILE_INVALID',
    `Path "${displayRewritten(path)}" is outside the project (${place.project})`,
    {
      hint: 'Move the file into the project, or bind-mount an absolute path.',
      position: place.document.position(place.path),
    },
  );
}

function isInside(path: string, folder: string): boolean {
  const away = relative(folder, path);
  return away !== '..' && !/^\.\.[\\/]/.test(away) && !isAbsolute(away);
}

/** A bind mount's source: a relative path must be inside the project, an absolute one (or `~`) is used unchanged. */
export function hostPath(source: string, place: LayerPlace): string {
  return isAbsolute(source) || /^~|^[A-Za-z]:[\\/]/.test(source) ? source : inside(source, place);
}
