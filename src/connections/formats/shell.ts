import type { Format } from './variable.js';
import { impossible, readAll, reason } from './variable.js';

/** Names that bash does not let anyone set, or sets by itself (bash manual, "Shell Variables"). */
const own = /^(?:_|UID|EUID|PPID|GROUPS|RANDOM|SRANDOM|SECONDS|LINENO|FUNCNAME|DIRSTACK|EPOCH\w+|SHELLOPTS|BASH\w*)$/;

/** POSIX shells: `eval "$(envctl env --format shell)"`. Everything between single quotes is literal. */
export const shell: Format = {
  name: 'shell',
  refuse: ([name, value]) => (own.test(name) ? 'a name that the shell keeps for itself' : reason(value, impossible)),
  write: (variables) =>
    variables.map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`).join(''),
  read: (text) =>
    readAll(text, /^export (\w+)='([^']*(?:'\\''[^']*)*)'\n/gmy, ([value = '']) => value.replaceAll("'\\''", "'")),
};
