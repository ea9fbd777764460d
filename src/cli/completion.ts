/** Shell completion for bash, zsh, fish and powershell: commands, options, and the profiles of this project. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import { findProject } from '../files/project.js';

/** Adds `completion <shell>` and the hidden `complete` that the scripts call. */
export function addCompletion(program: Command): void {
  const root = tab(program, { completionCommandName: 'completion' });
  for (const command of root.commands.values()) {
    const profile = command.arguments.get('profile');
    if (!profile) continue;
    profile.handler = (complete) => {
      for (const name of profileNames()) complete(name, 'profile');
    };
  }
}

/** Synchronous, since a person waits behind the Tab key. */
function profileNames(): readonly string[] {
  const folder = join(findProject(process.cwd()), 'environments');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : (/^(.+)\.ya?ml$/.exec(entry.name)?.[1] ?? []),
  );
}
