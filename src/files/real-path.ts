import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Follows every symbolic link; a path that does not exist keeps its name under its real folder. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const folder = dirname(path);
    return folder === path ? path : join(realPath(folder), basename(path));
  }
}
