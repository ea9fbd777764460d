/** Options that several commands share. Most can also be set by an `ENVCTL_*` variable; the flag wins. */
import { delimiter } from 'node:path';
import type { ProfileOptions } from '../app/resolve-profile.js';
import type { SessionRequest } from '../app/session.js';
import type { CliContext } from './context.js';
import {
  choice,
  duration,
  flag,
  grouped,
  list,
  type OptionValues,
  pairs,
  type TypedOption,
  text,
  textOr,
} from './option-kinds.js';

/** Which instance, on which engine. */
export const instanceOptions = grouped('Instance options:', {
  file: list('-f, --file <path>', 'Use a Compose file as the profile', {
    env: 'ENVCTL_FILE',
    separator: delimiter,
  }),
  instance: text('-i, --instance <name>', 'Use a separate instance of the profile', 'ENVCTL_INSTANCE'),
  engine: textOr('--engine <name>', 'Run services on this engine: compose, embedded or auto', {
    default: 'auto',
    env: 'ENVCTL_ENGINE',
  }),
});

/** How the profile is read. */
export const profileOptions = grouped('Profile options:', {
  set: pairs('--set <name=value>', 'Set a parameter of the profile', 'ENVCTL_PARAM_<NAME>'),
  composeProfile: list('--compose-profile <name>', 'Enable the services of a Compose profile', {
    env: 'ENVCTL_COMPOSE_PROFILE',
    separator: ',',
  }),
});

/** How an environment is brought up. */
export const bringUpOptions = {
  timeout: duration('--timeout <time>', 'Limit the total time, for example 90s or 5m', { env: 'ENVCTL_TIMEOUT' }),
  keep: flag('--keep', 'Keep containers after a failure, for inspection', 'ENVCTL_KEEP'),
  ephemeral: flag('--ephemeral', 'Store data in memory; the default if CI is set', 'ENVCTL_EPHEMERAL'),
  storage: choice('--storage <kind>', 'Where services store data', {
    choices: ['memory', 'disk', 'auto'],
    default: 'auto',
    env: 'ENVCTL_STORAGE',
  }),
  fixedPorts: flag('--fixed-ports', 'Publish the host ports specified in a Compose file', 'ENVCTL_FIXED_PORTS'),
  pull: flag('--pull', 'Pull newer images first', 'ENVCTL_PULL'),
};

export const without = (description = 'Skip these services'): TypedOption<readonly string[]> =>
  list('--without <service...>', description, { env: 'ENVCTL_WITHOUT', separator: ',' });

/** How progress and results are shown. */
export const outputOptions = grouped('Output options:', {
  output: choice('--output <format>', 'Format of the output', {
    choices: ['text', 'json'],
    default: 'text',
    env: 'ENVCTL_OUTPUT',
  }),
  progress: choice('--progress <kind>', 'How to show progress', {
    choices: ['auto', 'tty', 'plain', 'json', 'quiet'],
    default: 'auto',
    env: 'ENVCTL_PROGRESS',
  }),
  quiet: flag('-q, --quiet', 'Show only warnings and errors', 'ENVCTL_QUIET'),
  verbose: flag('-v, --verbose', 'Show more detail, also in errors', 'ENVCTL_VERBOSE'),
});

type InstanceValues = OptionValues<typeof instanceOptions>;
type ProfileValues = OptionValues<typeof profileOptions>;
type BringUpValues = OptionValues<typeof bringUpOptions>;

export const sessionRequest = (profile: string | null, { file, instance, engine }: InstanceValues): SessionRequest => ({
  profile,
  files: file,
  instance,
  engine,
});

export function profileSettings(
  options: ProfileValues & Partial<Pick<BringUpValues, 'storage' | 'ephemeral' | 'fixedPorts'>>,
  context: CliContext,
): Omit<ProfileOptions, 'services' | 'without'> {
  return {
    parameters: options.set,
    composeProfiles: options.composeProfile,
    storage: options.storage ?? 'auto',
    ephemeral: options.ephemeral === true || Boolean(context.env.CI),
    fixedPorts: options.fixedPorts === true,
  };
}

export function bringUpSettings(
  options: ProfileValues & BringUpValues,
  context: CliContext,
): ReturnType<typeof profileSettings> & {
  readonly pull: boolean;
  readonly keepFailed: boolean;
  readonly timeoutMs: number | null;
} {
  return {
    ...profileSettings(options, context),
    pull: options.pull,
    keepFailed: options.keep,
    timeoutMs: options.timeout,
  };
}
