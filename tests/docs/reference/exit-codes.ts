import { codes } from '../../../src/model/errors.js';
import { item, page, paragraph } from '../markdown.js';

const meanings: Readonly<Record<number, string>> = {
  2: 'the command line, the profile or a file it refers to is wrong; nothing was created',
  3: 'no engine answers, or Docker Compose is missing',
  4: 'a service failed',
  5: 'an image cannot be pulled or built',
  7: 'there is no such instance',
  8: 'a port or a network is not available',
  9: 'a seed step failed, or a seed changed after it was applied',
  10: 'another envctl command holds the lock of the instance',
  11: '`down` could not remove everything',
  17: 'a gate or the whole command timed out',
  130: 'interrupted by Ctrl-C (SIGINT)',
};

/** Throws when an error has an exit code without a meaning. */
export function exitCodesPage(): string {
  const used = [...new Set<number>(Object.values(codes))].sort((a, b) => a - b);
  const entries = used.map((code) => {
    const names = Object.entries(codes).flatMap(([name, value]) =>
      value === code ? [`[${name}](errors.md#${name.toLowerCase()})`] : [],
    );
    const meaning = meanings[code];
    if (meaning === undefined) throw new Error(`exit code ${code} has no meaning here`);
    return item(`\`${code}\`: ${meaning} (${names.join(', ')}).`);
  });
  return page(
    '# Exit codes',
    [
      item('`0`: success. `down` also succeeds if there was nothing to remove.'),
      item('`1`: a bug in envctl. The message contains a stack trace; please report it.'),
      ...entries,
      item('`129`, `143`: ended by SIGHUP or SIGTERM.'),
    ],
    '## Commands that run a command',
    paragraph(
      '`envctl run` and `envctl exec` pass on the exit code of the command they run. If the environment does not ' +
        'come up or the program does not exist, `run` exits with `125`; a wrong command line and data at risk stay ' +
        '`2`, an interrupt stays `130`.',
    ),
  );
}
