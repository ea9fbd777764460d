import type { CliContext } from './context.js';
import { type OptionSet, type OptionValues, readOptions } from './option-kinds.js';

export interface Invocation<Values> {
  /** null: not given; the instance is located without it. */
  readonly profile: string | null;
  /** Arguments after the profile. */
  readonly operands: readonly string[];
  /** Arguments after `--`. */
  readonly command: readonly string[];
  readonly options: Values;
  readonly context: CliContext;
}

interface CommandHelp {
  readonly name: string;
  /** In Commander's notation: `[profile] [services...]`. */
  readonly arguments: string;
  /** Replaces the usage line made from options and arguments. */
  readonly usage?: string;
  readonly group: 'Commands:' | 'Inspection commands:' | 'Other commands:';
  readonly summary: string;
  /** Command lines, each with an optional comment. */
  readonly examples?: readonly (readonly [line: string, comment?: string])[];
  /** A paragraph below the examples. */
  readonly notes?: string;
  /** Flags of Docker Compose that are accepted without effect. */
  readonly ignoredFlags?: readonly string[];
  /** Everything from the first operand on belongs to another command. */
  readonly passThrough?: boolean;
}

export interface CommandDefinition<Set extends OptionSet> extends CommandHelp {
  readonly options: Set;
  /** Returns the exit code. Loads what it needs, so that help and completion start fast. */
  run(invocation: Invocation<OptionValues<Set>>): Promise<number>;
}

/** A command whose option values are not read yet. */
export interface CliCommand extends CommandHelp {
  readonly options: OptionSet;
  run(invocation: Invocation<Readonly<Record<string, unknown>>>): Promise<number>;
}

/** Ties a command's `run` to the types of its options. */
export function defineCommand<Set extends OptionSet>(definition: CommandDefinition<Set>): CliCommand {
  return {
    ...definition,
    run: async (invocation) =>
      definition.run({ ...invocation, options: readOptions(definition.options, invocation.options) }),
  };
}
