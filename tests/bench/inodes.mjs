/**
 * ext4 does not reuse an inode that was freed in the last one to six minutes, and every new file checks all of them
 * (`recently_deleted` in Linux's fs/ext4/ialloc.c). A database made where another was just deleted pays for that; a first `up` on a machine
 * does not. To give each round the file system of a first `up`, deleted files keep their inodes until the benchmark ends.
 */
import { linkSync, mkdirSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { filters } from './engine.mjs';

/**
 * Call `keep(project)` before its volumes are removed, and the function it resolves with afterwards; `dispose()` at the end.
 * If this process cannot reach the files of the engine, nothing is kept and `why` has the reason.
 */
export async function openInodes(engine, tag) {
  const { DockerRootDir: root } = await engine.call('GET', '/info');
  // The engine's temporary folder, which it empties when it starts.
  const folder = join(root, 'tmp', `envctl-${tag}`);
  const inodes = { why: null, keep, dispose: () => rmSync(folder, { recursive: true, force: true }) };
  let kept = 0;
  try {
    mkdirSync(folder);
  } catch (error) {
    inodes.why = error.message;
  }
  return inodes;

  async function keep(project) {
    if (inodes.why !== null) return () => {};
    const { Volumes: volumes } = await engine.call('GET', `/volumes?${filters({ name: [`${project}_`] })}`);
    const links = [];
    try {
      for (const { Mountpoint } of volumes ?? [])
        for (const file of filesIn(Mountpoint)) {
          const link = join(folder, String(kept++));
          if (unlessGone(() => linkSync(file, link) ?? link)) links.push(link);
        }
    } catch (error) {
      inodes.why = error.message;
    }
    return () => {
      for (const link of links) truncateSync(link);
    };
  }
}

function filesIn(folder) {
  const entries = unlessGone(() => readdirSync(folder, { withFileTypes: true })) ?? [];
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : entry.isFile() ? [path] : [];
  });
}

/** A server at work removes files of its own; undefined where it did. */
function unlessGone(act) {
  try {
    return act();
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  }
}
