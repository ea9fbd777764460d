import { EnvctlError, suggest } from '../../model/errors.js';
import { defineCommand } from '../command.js';

const shells = ['bash', 'zsh', 'fish', 'powershell'];

export const completion = defineCommand({
  name: 'completion',
  arguments: '<shell>',
  group: 'Other commands:',
  summary: `Print a completion script for ${shells.join(', ')}`,
  options: {},
  examples: [['source <(envctl completion bash)']],
  run: async ({ operands: [shell = ''] }) => {
    if (!shells.includes(shell))
      throw new EnvctlError('USAGE', `No completion for shell "${shell}"`, { hint: suggest(shell, shells) });
    const { default: root } = await import('@bomb.sh/tab');
    root.setup('envctl', 'envctl', shell);
    return 0;
  },
});
