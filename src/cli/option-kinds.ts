/** The kinds of options commands have. Each knows how it is written and how its value is read. */
import { Option } from 'commander';
import { milliseconds } from '../model/durations.js';
import { EnvctlError, suggest } from '../model/errors.js';

export interface TypedOption<Value> {
  /** Built for each program, because defaults come from environment variables. */
  build(): readonly Option[];
  /** Reads the value Commander collected. Throws USAGE. */
  read(value: unknown): Value;
}

/** Options by the name Commander gives their values. */
export type OptionSet = Readonly<Record<string, TypedOption<unknown>>>;

export type OptionValues<Set extends OptionSet> = {
  readonly [Name in keyof Set]: ReturnType<Set[Name]['read']>;
};

export function readOptions<Set extends OptionSet>(
  set: Set,
  values: Readonly<Record<string, unknown>>,
): OptionValues<Set> {
  return Object.fromEntries(
    Object.entries(set).map(([name, option]) => [name, option.read(values[name])]),
  ) as OptionValues<Set>;
}

/** Puts the options of a set under a heading of their own in the help. */
export function grouped<Set extends OptionSet>(heading: string, set: Set): Set {
  const inGroup = (option: TypedOption<unknown>): TypedOption<unknown> => ({
    ...option,
    build: () => option.build().map((built) => built.helpGroup(heading)),
  });
  return Object.fromEntries(Object.entries(set).map(([name, option]) => [name, inGroup(option)])) as Set;
}

interface OptionHelp {
  readonly choices?: readonly string[];
  readonly default?: string;
  /** The environment variable that sets the option; a flag on the command line wins. */
  readonly env?: string;
  /** Separates the values in the variable of a repeatable option. */
  readonly separator?: string;
}

function describe(description: string, { choices, default: preset, env, separator }: OptionHelp): string {
  const notes = [
    ...(separator === undefined ? [] : ['repeatable']),
    ...(choices ? [choices.join(', ')] : []),
    ...(preset === undefined ? [] : [`default: ${preset}`]),
    ...(env === undefined ? [] : [`env: ${env}${separator ? `, separated by "${separator}"` : ''}`]),
  ];
  return notes.length === 0 ? description : `${description} (${notes.join('; ')})`;
}

/** CI systems often set a variable to an empty string; that counts as not set. */
const fromEnv = (option: Option, env: string | undefined): Option =>
  env === undefined || process.env[env] === '' ? option : option.env(env);

/** True unless a variable is unset, empty, or says no. */
export const isTruthyEnv = (value: string | undefined): boolean =>
  value !== undefined && !['', '0', 'false', 'no', 'off'].includes(value.toLowerCase());

/** A flag without a value. */
export function flag(flags: string, description: string, env?: string): TypedOption<boolean> {
  const variable = env !== undefined && isTruthyEnv(process.env[env]) ? env : undefined;
  return {
    build: () => [fromEnv(new Option(flags, describe(description, env === undefined ? {} : { env })), variable)],
    read: (value) => value === true,
  };
}

/** A flag with a value; null: not given. */
export function text(flags: string, description: string, env?: string): TypedOption<string | null> {
  return {
    build: () => [fromEnv(new Option(flags, describe(description, env === undefined ? {} : { env })), env)],
    read: (value) => (typeof value === 'string' ? value : null),
  };
}

/** A flag with a value and a default. */
export function textOr(
  flags: string,
  description: string,
  help: { readonly default: string; readonly env: string },
): TypedOption<string> {
  return {
    build: () => [fromEnv(new Option(flags, describe(description, help)), help.env)],
    read: (value) => (typeof value === 'string' ? value : help.default),
  };
}

/** A flag with one of several values. */
export function choice<const Choice extends string>(
  flags: string,
  description: string,
  help: { readonly choices: readonly Choice[]; readonly default: Choice; readonly env?: string },
): TypedOption<Choice> {
  return {
    // Shell completion offers the choices; `read` checks the value, so that the error has the usual style.
    build: () => [
      fromEnv(new Option(flags, describe(description, help)).choices(help.choices).argParser(String), help.env),
    ],
    read: (value) => {
      if (typeof value !== 'string') return help.default;
      const known = help.choices.find((one) => one === value);
      if (known !== undefined) return known;
      throw invalid('value', value, { flags, env: help.env, hint: suggest(value, help.choices) });
    },
  };
}

/** A flag that may be repeated. On the command line it replaces the list in its variable. */
export function list(
  flags: string,
  description: string,
  help: { readonly env: string; readonly separator: string },
): TypedOption<readonly string[]> {
  return {
    build: () => {
      const listed = (process.env[help.env] ?? '').split(help.separator).filter(Boolean);
      const collect = (value: string, previous: readonly string[]): readonly string[] =>
        previous === listed ? [value] : [...previous, value];
      return [new Option(flags, describe(description, help)).argParser(collect).default(listed)];
    },
    read: stringsOf,
  };
}

export const stringsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

/** A repeatable `name=value` flag. The last value of a name counts. Throws USAGE if a value is missing. */
export function pairs(flags: string, description: string, env: string): TypedOption<Readonly<Record<string, string>>> {
  const collect = (value: string, previous: readonly string[]): readonly string[] => [...previous, value];
  return {
    build: () => [new Option(flags, `${description} (repeatable; env: ${env})`).argParser(collect).default([])],
    read: (value) => Object.fromEntries(stringsOf(value).map(pairOf)),
  };
}

function pairOf(pair: string): readonly [string, string] {
  const cut = pair.indexOf('=');
  if (cut > 0) return [pair.slice(0, cut), pair.slice(cut + 1)];
  throw new EnvctlError('USAGE', `\`--set ${pair}\` has no value`, { hint: 'Write `--set name=value`.' });
}

/** A duration in ms; null: not given. Throws USAGE for other values, and for zero unless `zero` is allowed. */
export function duration(
  flags: string,
  description: string,
  help: OptionHelp & { readonly zero?: boolean } = {},
): TypedOption<number | null> {
  return {
    build: () => [fromEnv(new Option(flags, describe(description, help)), help.env)],
    read: (value) => {
      if (typeof value !== 'string') return null;
      const ms = milliseconds(value);
      if (ms !== null && (ms > 0 || help.zero)) return ms;
      throw invalid('duration', value, { flags, env: help.env, hint: 'Write seconds (60) or a duration (90s, 5m).' });
    },
  };
}

/** A whole number of at least `least`; null: not given. Throws USAGE. */
export function count(flags: string, description: string, least: number): TypedOption<number | null> {
  return {
    build: () => [new Option(flags, description)],
    read: (value) => {
      if (typeof value !== 'string') return null;
      const number = Number(value);
      if (Number.isInteger(number) && number >= least && value.trim() !== '') return number;
      throw invalid('number', value, { flags, hint: `Write a whole number of ${least} or more.` });
    },
  };
}

function invalid(
  kind: string,
  value: string,
  { flags, env, hint }: { readonly flags: string; readonly env?: string | undefined; readonly hint: string },
): EnvctlError {
  const name = /--[a-z-]+/.exec(flags)?.[0] ?? flags;
  const source = env === undefined ? `\`${name}\`` : `\`${name}\` (or ${env})`;
  return new EnvctlError('USAGE', `Invalid ${kind} "${value}" for ${source}`, { hint });
}
