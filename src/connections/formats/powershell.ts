import type { Format } from './variable.js';
import { impossible, readAll, reason } from './variable.js';

/** PowerShell treats typographic quotes as quotes (about_Quoting_Rules), so they are doubled too. */
const single = /['\u2018-\u201b]/g;
const special = /["“”„`$]/g;

/**
 * PowerShell: `envctl env --format powershell | Out-String | Invoke-Expression`. Line ends do not survive that pipe, so
 * they are written as `n and `r in double quotes.
 */
export const powershell: Format = {
  name: 'powershell',
  refuse: ([, value]) => (value === '' ? 'nothing, which unsets the variable there' : reason(value, impossible)),
  write: (variables) => variables.map(([name, value]) => `$env:${name} = ${quoted(value)}\n`).join(''),
  read: (text) =>
    readAll(text, /^\$env:(\w+) = (?:'([^\n]*)'|"([^\n]*)")\n/gmy, ([plain, escaped = '']) =>
      plain === undefined
        ? escaped.replace(/`([\s\S])/g, (_, next: string) => breaks[next] ?? next)
        : plain.replace(/(['\u2018-\u201b])\1/g, '$1'),
    ),
};

const breaks: Readonly<Record<string, string>> = { n: '\n', r: '\r' };

function quoted(value: string): string {
  if (!/[\r\n]/.test(value)) return `'${value.replace(single, '$&$&')}'`;
  return `"${value.replace(special, '`$&').replaceAll('\n', '`n').replaceAll('\r', '`r')}"`;
}
