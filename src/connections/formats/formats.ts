/** Environment variables as other tools read them: what `envctl env` prints. */
import { EnvctlError, suggest } from '../../model/errors.js';
import { docker } from './docker.js';
import { dotenv } from './dotenv.js';
import { fish } from './fish.js';
import { type FormatName, formatNames } from './format-names.js';
import { github } from './github.js';
import { gitlab } from './gitlab.js';
import { json } from './json.js';
import { powershell } from './powershell.js';
import { properties } from './properties.js';
import { shell } from './shell.js';
import type { Format, Variable } from './variable.js';
import { yaml } from './yaml.js';

const byName: Readonly<Record<FormatName, Format>> = {
  dotenv,
  shell,
  fish,
  powershell,
  json,
  yaml,
  github,
  gitlab,
  docker,
  properties,
};
const formats = Object.values(byName);

/**
 * Writes variables in a format, in the given order, and verifies the text by reading it back.
 * Throws USAGE for an unknown format; VALUE_UNREPRESENTABLE with the variable's name (never its value) and the formats
 * that can hold it.
 */
export function format(name: string, exports: Readonly<Record<string, string>>): string {
  const chosen = formats.find((known) => known.name === name);
  if (chosen === undefined)
    throw new EnvctlError('USAGE', `There is no format "${name}"`, { hint: suggest(name, formatNames) });
  const variables = Object.entries(exports);
  for (const variable of variables) {
    const obstacle = refusal(chosen, variable);
    if (obstacle !== null) throw unrepresentable(chosen, variable, obstacle);
  }
  const text = chosen.write(variables);
  const lost = firstLost(chosen, text, variables);
  if (lost !== undefined) throw unrepresentable(chosen, lost, inexact);
  return text;
}

/** POSIX, "Environment Variable Definition"; every target accepts these and some accept no others. */
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

function refusal(target: Format, variable: Variable): string | null {
  if (!variableName.test(variable[0])) return 'a name with other characters than letters, digits and _';
  return (
    target.refuse(variable) ?? (firstLost(target, target.write([variable]), [variable]) === undefined ? null : inexact)
  );
}

const inexact = 'a value that would not be read back exactly';

function firstLost(target: Format, text: string, variables: readonly Variable[]): Variable | undefined {
  const read = new Map(target.read(text));
  return variables.find(([name, value]) => read.get(name) !== value || read.size !== variables.length);
}

function unrepresentable(target: Format, variable: Variable, obstacle: string): EnvctlError {
  const others = formats.filter((other) => refusal(other, variable) === null).map(({ name }) => name);
  const remedy =
    others.length > 0 ? `Use a format that can: ${others.join(', ')}.` : 'No format can: change the export.';
  return new EnvctlError(
    'VALUE_UNREPRESENTABLE',
    `${variable[0]} cannot be written as ${target.name}: it has ${obstacle}`,
    {
      hint: remedy,
    },
  );
}
