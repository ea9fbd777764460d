import { code, page, paragraph } from '../markdown.js';
import { commandNames, helpOf } from './help.js';

export async function cliPage(): Promise<string> {
  const helps = await Promise.all(commandNames.map(async (name) => ({ name, text: await helpOf(name) })));
  return page(
    '# Command line',
    paragraph(
      'This is the output of `envctl --help` and `envctl <command> --help`. Data goes to stdout, progress and errors ' +
        'go to stderr. See also [Environment variables](environment-variables.md) and [Exit codes](exit-codes.md).',
    ),
    code('text', await helpOf()),
    ...helps.flatMap(({ name, text }) => [`## envctl ${name}`, code('text', text)]),
  );
}
