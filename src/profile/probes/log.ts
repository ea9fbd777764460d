import { EnvctlError } from '../../model/errors.js';
import { notYet, ready } from '../../model/protocol.js';
import { invalidValue } from '../keys.js';
import { probeKind } from './probe-kind.js';

declare module '../../model/service.js' {
  interface ProbeFields<Text, Options> {
    readonly log: { readonly pattern: string; readonly times: number };
  }
}

/** Ready when enough log lines match. */
export const log = probeKind({
  kind: 'log',
  form: 'map',
  keys: {
    log: {
      type: 'text',
      required: true,
      expected: 'a regular expression',
      describe: 'Regular expression of a log line',
    },
    times: { type: 'integer', describe: 'Number of lines that must match; default 1' },
  },
  read: ({ log: pattern, times = 1 }, { at }) => {
    if (pattern === '') throw invalidValue('log', { value: '', expected: 'a regular expression', position: at('log') });
    if (times < 1)
      throw invalidValue('times', { value: times, expected: 'a whole number from 1', position: at('times') });
    try {
      new RegExp(pattern, 'u');
    } catch (error) {
      throw new EnvctlError('PROFILE_INVALID', `Invalid regular expression "${pattern}": ${(error as Error).message}`, {
        hint: 'Write a backslash before a plain character such as . or (.',
        position: at('log'),
      });
    }
    return { pattern, times };
  },
  askedFrom: 'host',
  cheap: true,
  ask: async ({ pattern, times }, { access, followMs }) => {
    const expression = new RegExp(pattern, 'u');
    let found = 0;
    for await (const line of access.logs(followMs > 0 ? { followMs } : {})) {
      if (expression.test(line) && ++found >= times) return ready;
    }
    return notYet(`no log line matches /${pattern}/${times > 1 ? ` (${found} of ${times})` : ''}`);
  },
});
