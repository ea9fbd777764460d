/** Options that many commands share; each is mirrored by an `ENVCTL_*` variable, and the flag wins. */
import { delimiter } from 'node:path';
import { type Command, Option } from 'commander';
import { milliseconds } from '../model/durations.js';
import { EnvctlError } from '../model/errors.js';
import { isOn } from './switch.js';

export interface GlobalOptions {
  readonly file: readonly string[];
  readonly instance?: string;
  readonly engine: string;
  readonly set: readonly string[];
  readonly composeProfile: readonly string[];
  readonly output: 'text' | 'json';
  readonly progress: 'auto' | 'tty' | 'plain' | 'json' | 'quiet';
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** A flag without a value. Its variable switches it on, unless it says no. */
export function flag(flags: string, description: string, variable: string): Option {
  return isOn(process.env[variable] ?? 'yes')
    ? new Option(flags, description).env(variable)
    : new Option(flags, `${description} (env: ${variable})`);
}

/** A flag with a value. A variable that is set to nothing, as templates of CI jobs leave them, counts as unset. */
export function valued(flags: string, description: string, variable: string): Option {
  return process.env[variable] === ''
    ? new Option(flags, `${description} (env: ${variable})`)
    : new Option(flags, description).env(variable);
}

/** A flag that may be repeated. What it says comes in the place of its variable's list, which a separator divides. */
export function list(
  flags: string,
  description: string,
  { variable, separator }: { variable: string; separator: string },
): Option {
  const listed = (process.env[variable] ?? '').split(separator).filter(Boolean);
  const collect = (value: string, previous: readonly string[]): readonly string[] =>
    previous === listed ? [value] : [...previous, value];
  return new Option(flags, `${description} (env: ${variable}, divided by "${separator}")`)
    .argParser(collect)
    .default(listed, listed.length === 0 ? 'none' : listed.join(separator));
}

/** Which instance, on which engine, shown how. */
export function addInstanceOptions(command: Command): Command {
  return command
    .addOption(
      list('-f, --file <path>', 'a Compose file as the profile (repeatable, later wins)', {
        variable: 'ENVCTL_FILE',
        separator: delimiter,
      }),
    )
    .addOption(valued('-i, --instance <name>', 'the same profile again, beside itself', 'ENVCTL_INSTANCE'))
    .addOption(
      valued('--engine <name>', 'where services run: auto, compose, embedded', 'ENVCTL_ENGINE').default('auto'),
    );
}

/** What is read from the profile. */
export function addProfileOptions(command: Command): Command {
  return addInstanceOptions(command)
    .addOption(
      new Option('--set <name=value>', 'a parameter of the profile (repeatable; env: ENVCTL_PARAM_<NAME>)')
        .argParser((value: string, previous: readonly string[]) => [...previous, value])
        .default([], 'none'),
    )
    .addOption(
      list('--compose-profile <name>', 'switches on services behind Compose profiles (repeatable)', {
        variable: 'ENVCTL_COMPOSE_PROFILE',
        separator: ',',
      }),
    );
}

export function addOutputOptions(command: Command): Command {
  return command
    .addOption(
      valued('--output <format>', 'text for people, json for programs', 'ENVCTL_OUTPUT')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addOption(
      valued('--progress <kind>', 'how progress is shown', 'ENVCTL_PROGRESS')
        .choices(['auto', 'tty', 'plain', 'json', 'quiet'])
        .default('auto'),
    )
    .addOption(flag('-q, --quiet', 'only warnings and errors', 'ENVCTL_QUIET'))
    .addOption(flag('-v, --verbose', 'more detail, also in errors', 'ENVCTL_VERBOSE'));
}

/** `name=value` pairs. Throws USAGE. */
export function readSets(sets: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    sets.map((text) => {
      const cut = text.indexOf('=');
      if (cut > 0) return [text.slice(0, cut), text.slice(cut + 1)];
      throw new EnvctlError('USAGE', `--set ${text} has no value`, { hint: 'Write --set name=value.' });
    }),
  );
}

/** A time limit in seconds or as a duration, in ms. Throws USAGE naming the option and its variable. */
export function readTimeout(text: string | undefined, option: 'timeout' | 'grace'): number | null {
  if (text === undefined) return null;
  const ms = milliseconds(text);
  if (ms !== null && ms > 0) return ms;
  throw new EnvctlError('USAGE', `--${option} (or ENVCTL_${option.toUpperCase()}) is "${text}", which is not a time`, {
    hint: 'Write seconds (60) or a duration (90s, 5m).',
  });
}
