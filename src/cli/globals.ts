/** Options that many commands share; each is mirrored by an `ENVCTL_*` variable, and the flag wins. */
import { type Command, Option } from 'commander';
import { milliseconds } from '../core/durations.js';
import { EnvctlError } from '../core/errors.js';

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

const collect = (value: string, previous: readonly string[]): readonly string[] => [...previous, value];

/** Which instance, on which engine, shown how. */
export function addInstanceOptions(command: Command): Command {
  return command
    .addOption(
      new Option('-f, --file <path>', 'a Compose file as the profile (repeatable, later wins)').argParser(collect).default([], 'none'),
    )
    .addOption(new Option('-i, --instance <name>', 'the same profile again, beside itself').env('ENVCTL_INSTANCE'))
    .addOption(new Option('--engine <name>', 'where services run: auto, compose, embedded').env('ENVCTL_ENGINE').default('auto'));
}

/** What is read from the profile. */
export function addProfileOptions(command: Command): Command {
  return addInstanceOptions(command)
    .addOption(new Option('--set <name=value>', 'a parameter of the profile (repeatable)').argParser(collect).default([], 'none'))
    .addOption(
      new Option('--compose-profile <name>', 'switches on services behind Compose profiles (repeatable)')
        .argParser(collect)
        .default([], 'none'),
    );
}

export function addOutputOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--output <format>', 'text for people, json for programs').env('ENVCTL_OUTPUT').choices(['text', 'json']).default('text'),
    )
    .addOption(
      new Option('--progress <kind>', 'how progress is shown')
        .env('ENVCTL_PROGRESS')
        .choices(['auto', 'tty', 'plain', 'json', 'quiet'])
        .default('auto'),
    )
    .option('-q, --quiet', 'only warnings and errors')
    .option('-v, --verbose', 'more detail, also in errors');
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

/** A time limit in seconds or as a duration, in ms. Throws USAGE. */
export function readTimeout(text: string | undefined): number | null {
  if (text === undefined) return null;
  const ms = milliseconds(text);
  if (ms !== null && ms > 0) return ms;
  throw new EnvctlError('USAGE', `"${text}" is not a time`, { hint: 'Write seconds (60) or a duration (90s, 5m).' });
}
