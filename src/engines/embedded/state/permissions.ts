/** Access for the unprivileged user that some servers run as when envctl runs as root. */
import { chmod, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { requireTool } from '../processes/run-tool.js';

/** Lets everyone read the content of a folder, and run what its owner may run. */
export const openFiles = (folder: string, env: Readonly<Record<string, string>>): Promise<void> =>
  requireTool(['chmod', '-R', 'a+rX', folder], env);

/** Makes a folder that others may pass through but not list. */
export async function openFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o711);
}

/**
 * The nearest parent of `target` (or itself) that an unprivileged user cannot enter; null: every one can be entered.
 */
export async function closedFolder(target: string): Promise<string | null> {
  for (let folder = target; folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const mode = (await stat(folder).catch(() => null))?.mode;
    if (mode !== undefined && (mode & 0o001) === 0) return folder;
  }
  return null;
}
