import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import { profileNames } from '../app/list-profiles.js';

/** Adds the hidden `complete` command that completion scripts call, and `completion`, which prints them. */
export function addCompletion(program: Command, cwd: string): void {
  const root = tab(program, { completionCommandName: 'completion' });
  for (const command of root.commands.values()) {
    const profile = command.arguments.get('profile');
    if (!profile) continue;
    profile.handler = (complete) => {
      for (const name of profileNames(cwd)) complete(name, 'profile');
    };
  }
}
