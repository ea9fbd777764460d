import type { CallerContext } from '../app/caller.js';

export interface CliContext extends CallerContext {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}
