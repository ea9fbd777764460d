import type { Format } from './variable.js';
import { impossible, readAll, reason } from './variable.js';

/** PowerShell takes typographic quotes for quotes (about_Quoting_Rules), so they are doubled too. */
const single = /['‘’‚‛]/g;
const special = /["“”„`$]/g;

/**
 * PowerShell: `envctl env --format powershell | Out-String | Invoke-Expression`. Line ends do not survive that pipe, so a value that has
 * them is written in double quotes, as `n and `r.
 */
export const powershell: Format = {
  name: 'powershell',
  refuse: ([, value]) => (value === '' ? 'nothing, which unsets the variable there' : reason(value, impossible)),
  write: (variables) => variables.map(([name, value]) => `$env:${name} = ${quoted(value)}\n`).join(''),
  read: (text) =>
    readAll(text, /^\$env:(\w+) = (?:'([^\n]*)'|"([^\n]*)")\n/gmy, ([plain, escaped = '']) =>
      plain === undefined
        ? escaped.replace(/`([\s\S])/g, (_, next: string) => breaks[next] ?? next)
        : plain.replace(/(['‘’‚‛])\1/g, '$1'),
    ),
};

const breaks: Readonly<Record<string, string>> = { n: '\n', r: '\r' };

function quoted(value: string): string {
  if (!/[\r\n]/.test(value)) return `'${value.replace(single, '$&$&')}'`;
  return `"${value.replace(special, '`$&').replaceAll('\n', '`n').replaceAll('\r', '`r')}"`;
}
