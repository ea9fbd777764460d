import { EnvctlError, suggest } from '../../core/errors.js';
import { buildCompletion } from '../completion.js';
import type { CliContext } from '../main.js';

const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;

/** `envctl completion <shell>`: the script to source. */
export async function completionCommand(shell: string, _options: object, context: CliContext): Promise<number> {
  const known = shells.find((one) => one === shell);
  if (!known) throw new EnvctlError('USAGE', `there is no completion for "${shell}"`, { hint: suggest(shell, shells) });
  const completion = await buildCompletion(context);
  completion.setup('envctl', 'envctl', known);
  return 0;
}
