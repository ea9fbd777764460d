import type { Format } from './variable.js';
import { impossible, lineBreaks, readAll, reason } from './variable.js';

/** Go's bufio.MaxScanTokenSize, line included. */
const longestLine = 64 * 1024;

/** `docker run --env-file`: the rest of the line is the value. Rules: docker/cli, pkg/kvfile; some strip quotes. */
export const docker: Format = {
  name: 'docker',
  refuse: ([name, value]) => {
    if (/^(['"])[\s\S]*\1$/.test(value)) return 'quotes around it, which some versions of Docker remove';
    if (Buffer.byteLength(`${name}=${value}\n`) >= longestLine) return 'more than 64 KiB';
    return reason(value, [...lineBreaks, ...impossible]);
  },
  write: (variables) => variables.map(([name, value]) => `${name}=${value}\n`).join(''),
  read: (text) => readAll(text, /^([^=\n]*)=([^\n]*)\n/gmy, ([value = '']) => value),
};
