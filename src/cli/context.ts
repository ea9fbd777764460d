import type { Caller } from '../app/caller.js';

export interface CliContext extends Caller {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}
