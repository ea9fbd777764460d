import { openSession } from '../../app/session.js';
import { takeDown } from '../../app/tear-down.js';
import type { CliContext } from '../context.js';
import { type GlobalOptions, readTimeout } from '../options.js';
import { openScreen } from '../screen.js';

export interface DownOptions extends GlobalOptions {
  readonly keepData?: boolean;
  readonly grace: string;
}

/** `envctl down`: exit 0 when nothing of the instance is left, also when nothing was there. */
export async function downCommand(
  profile: string | undefined,
  options: DownOptions,
  context: CliContext,
): Promise<number> {
  const screen = await openScreen(options, context);
  try {
    const session = await openSession({
      ...options,
      name: profile ?? null,
      signal: context.signal,
      env: context.env,
      waiting: (instance) => screen.emit({ type: 'notice', text: `waiting for another envctl command on ${instance}` }),
    });
    try {
      await takeDown(
        session,
        {
          graceMs: readTimeout(options.grace === '0' ? undefined : options.grace, 'grace') ?? 0,
          data: options.keepData ? 'keep' : 'remove',
        },
        { screen, signal: context.signal },
      );
      return 0;
    } finally {
      await session.release();
    }
  } finally {
    await screen.close();
  }
}
