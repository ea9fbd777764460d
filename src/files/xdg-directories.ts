import { homedir } from 'node:os';
import { join } from 'node:path';

/** This user's folders, by the XDG base directory specification; macOS and Windows keep to it here too, so that one rule holds everywhere. */
export interface Folders {
  readonly config: string;
  readonly state: string;
  readonly cache: string;
}

export function userFolders(env: Readonly<Record<string, string | undefined>>): Folders {
  const home = env.HOME ?? homedir();
  return {
    config: join(env.XDG_CONFIG_HOME || join(home, '.config'), 'envctl'),
    state: join(env.XDG_STATE_HOME || join(home, '.local', 'state'), 'envctl'),
    cache: join(env.XDG_CACHE_HOME || join(home, '.cache'), 'envctl'),
  };
}
