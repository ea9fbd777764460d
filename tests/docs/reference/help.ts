/** The program's own help, as a user sees it on a terminal of 80 columns. */
import { commands, runProgram } from '../../../src/cli/program.js';

export interface OptionHelp {
  readonly command: string;
  readonly flags: string;
  readonly text: string;
}

export const commandNames: readonly string[] = commands.map(({ name }) => name);

export async function helpOf(...argv: readonly string[]): Promise<string> {
  let text = '';
  const stream = { write: (chunk: string) => (text += chunk) } as unknown as NodeJS.WriteStream;
  await runProgram([...argv, '--help'], {
    signal: new AbortController().signal,
    env: {},
    cwd: '.',
    stdout: stream,
    stderr: stream,
    setCleanupCommand: () => undefined,
    hide: async () => undefined,
    mask: (shown) => shown,
  });
  return text.trim();
}

export const optionHelps: readonly OptionHelp[] = commands.flatMap(({ name, options }) =>
  Object.values(options)
    .flatMap((option) => option.build())
    .map(({ flags, description }) => ({ command: name, flags, text: description })),
);
