import type { Format } from './variable.js';
import { impossible, lineBreaks, readAll, reason } from './variable.js';

/**
 * GitLab's `artifacts:reports:dotenv`: nothing is quoted, the ends are trimmed, and a `$` is expanded by the runner.
 * Rules: GitLab, parse_dotenv_artifact_service.rb. It also limits the file, by default to 5 KB.
 */
export const gitlab: Format = {
  name: 'gitlab',
  refuse: ([, value]) =>
    reason(value, [
      ...lineBreaks,
      ...impossible,
      [/^\s|\s$/, 'white space at its start or end'],
      [/\$/, 'a $, which GitLab expands'],
    ]),
  write: (variables) => variables.map(([name, value]) => `${name}=${value}\n`).join(''),
  read: (text) => readAll(text, /^([^=\n]*)=([^\n]*)\n/gmy, ([value = '']) => value.trim()),
};
