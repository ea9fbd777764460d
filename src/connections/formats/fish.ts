import type { Format } from './variable.js';
import { impossible, readAll, reason } from './variable.js';

/** Names that fish does not let anyone set (fish manual, "Special variables"). */
const own = /^(?:_|status|pipestatus|version|FISH_VERSION|fish_\w+|hostname|history|umask|PWD|SHLVL)$/;

/** fish: `envctl env --format fish | source`. Between single quotes only `\\` and `\'` are escapes. */
export const fish: Format = {
  name: 'fish',
  refuse: ([name, value]) => (own.test(name) ? 'a name that fish keeps for itself' : reason(value, impossible)),
  write: (variables) =>
    variables.map(([name, value]) => `set -gx ${name} '${value.replace(/['\\]/g, '\\$&')}'\n`).join(''),
  read: (text) =>
    readAll(text, /^set -gx (\w+) '([^'\\]*(?:\\[\s\S][^'\\]*)*)'\n/gmy, ([value = '']) =>
      value.replace(/\\(['\\])/g, '$1'),
    ),
};
