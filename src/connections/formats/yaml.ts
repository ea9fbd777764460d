import type { Format } from './variable.js';
import { halfCharacter, readAll, reason } from './variable.js';

/** Read as a boolean or null by YAML 1.1 unless quoted (yaml.org/type). */
const word = /^(?:y|n|yes|no|true|false|on|off|null)$/i;
/** Printable in JSON but not in YAML, or a line end to YAML 1.1 readers (YAML 1.2, 5.1 and 5.4). */
const unprintable = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** A mapping of double-quoted scalars: JSON strings, which are YAML. */
export const yaml: Format = {
  name: 'yaml',
  refuse: ([, value]) => reason(value, [halfCharacter]),
  write: (variables) =>
    variables.length === 0
      ? '{}\n'
      : variables.map(([name, value]) => `${word.test(name) ? `"${name}"` : name}: ${scalar(value)}\n`).join(''),
  read: (text) => readAll(text, /^"?(\w+)"?: (".*")\n/gmy, ([value = '""']) => String(JSON.parse(value))),
};

function scalar(value: string): string {
  return JSON.stringify(value).replace(
    unprintable,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
