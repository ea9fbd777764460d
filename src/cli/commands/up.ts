import { type BringUpOptions, bringUp } from '../../app/bring-up.js';
import { openSession } from '../../app/session.js';
import type { CliContext } from '../context.js';
import { type GlobalOptions, readSets, readTimeout } from '../options.js';
import { openScreen } from '../screen.js';

export interface UpCommandOptions extends GlobalOptions {
  readonly timeout?: string;
  readonly keep?: boolean;
  readonly ephemeral?: boolean;
  readonly storage: 'memory' | 'disk' | 'auto';
  readonly fixedPorts?: boolean;
  readonly pull?: boolean;
  readonly without?: readonly string[];
}

/** `envctl up`: exit 0 when every gate holds and every seed is in. */
export async function upCommand(
  profile: string | undefined,
  services: readonly string[],
  options: UpCommandOptions,
  context: CliContext,
): Promise<number> {
  const screen = await openScreen(options, context);
  try {
    const session = await openSession({
      ...options,
      name: profile ?? null,
      waitMs: readTimeout(options.timeout, 'timeout'),
      signal: context.signal,
      env: context.env,
      waiting: (instance) => screen.emit({ type: 'notice', text: `waiting for another envctl command on ${instance}` }),
    });
    try {
      await bringUp(
        session,
        { ...bringUpOptions(options, context), services, reuse: 'reconcile' },
        { context, screen },
      );
      return 0;
    } finally {
      await session.release();
    }
  } finally {
    await screen.close();
  }
}

/** The options that `up`, `run` and `plan` share. */
export function bringUpOptions(
  options: UpCommandOptions,
  context: CliContext,
): Omit<BringUpOptions, 'services' | 'reuse'> {
  return {
    set: readSets(options.set),
    composeProfile: options.composeProfile,
    without: options.without ?? [],
    storage: options.storage,
    ephemeral: options.ephemeral === true || Boolean(context.env.CI),
    fixedPorts: options.fixedPorts === true,
    pull: options.pull === true,
    keep: options.keep === true,
    timeoutMs: readTimeout(options.timeout, 'timeout'),
  };
}
