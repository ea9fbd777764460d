import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Folders that are installed or generated; a change in them is not a change of the code. */
const notCode = new Set(['node_modules', '.git', '.envctl', '__pycache__', '.venv', '.pytest_cache']);
/** Larger files are compared by size and time. */
const readLimit = 1024 * 1024;

/**
 * SHA-256 of a file's content, or of all files below a folder if the path ends with a slash; null: it does not exist.
 */
export async function hashFile(path: string): Promise<string | null> {
  try {
    const hash = createHash('sha256');
    if (!path.endsWith('/')) return hash.update(await readFile(path)).digest('hex');
    for (const line of await linesBelow(path, '')) hash.update(line);
    return hash.digest('hex');
  } catch {
    return null;
  }
}

/** One line per file, sorted by name: `app/server.js <hash>`. */
async function linesBelow(root: string, folder: string): Promise<readonly string[]> {
  const entries = (await readdir(join(root, folder), { withFileTypes: true })).filter(
    (entry) => !notCode.has(entry.name),
  );
  const lines = await Promise.all(
    entries
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(async (entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return linesBelow(root, path);
        return entry.isFile() ? [`${path} ${await contentOf(join(root, path))}\n`] : [];
      }),
  );
  return lines.flat();
}

async function contentOf(path: string): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  if (size > readLimit) return `${size} ${mtimeMs}`;
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
