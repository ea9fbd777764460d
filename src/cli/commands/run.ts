import { type BroughtUp, bringUp } from '../../app/bring-up.js';
import type { Screen } from '../../app/caller.js';
import { keptBefore, openSession, type Session } from '../../app/session.js';
import { takeDown } from '../../app/tear-down.js';
import { deadline } from '../../model/deadline.js';
import { EnvctlError } from '../../model/errors.js';
import type { CliContext } from '../context.js';
import { reportText } from '../error-report.js';
import { readTimeout } from '../options.js';
import { runChild } from '../run-child.js';
import { openScreen } from '../screen.js';
import { bringUpOptions, type UpCommandOptions } from './up.js';

/** What `docker run` answers when it failed before the command. */
const ownFailure = 125;

/**
 * `envctl run <profile> -- cmd`: the exit code is the command's, 125 when envctl failed before it.
 * An instance that ran before is used as it is (what was stopped stays stopped) and left up; one that this brought up is taken down.
 */
export async function runCommand(
  profile: string | undefined,
  options: UpCommandOptions,
  context: CliContext & { readonly command: readonly string[] },
): Promise<number> {
  if (context.command.length === 0)
    throw new EnvctlError('USAGE', 'run needs a command', {
      hint: 'Write it behind two dashes: envctl run shop -- npm test.',
    });
  const screen = await openScreen({ ...options, output: 'text' }, context);
  const session = await openSession({
    ...options,
    name: profile ?? null,
    waitMs: readTimeout(options.timeout, 'timeout'),
    signal: context.signal,
    env: context.env,
    waiting: (instance) => screen.emit({ type: 'notice', text: `waiting for another envctl command on ${instance}` }),
  }).catch((error: unknown) => failBefore(error, { options, screen }, context));
  if (typeof session === 'number') return session;
  const existed = session.observed.length > 0;
  try {
    const up = await broughtUp(session, { options, screen }, context);
    if (typeof up === 'number') return up;
    await session.release();
    const env = { ...context.env, ...up.running.exports };
    const code = await runChild(context.command, {
      env,
      signal: context.signal,
      report: (error) => reportText(error, context, options.verbose === true ? 'yes' : 'no'),
    });
    if (!existed) await clearUp(up.session, options, context);
    return code;
  } finally {
    await session.release();
    await screen.close();
  }
}

interface Preparing {
  readonly options: UpCommandOptions;
  readonly screen: Screen;
}

async function broughtUp(
  session: Session,
  { options, screen }: Preparing,
  context: CliContext,
): Promise<BroughtUp | number> {
  const settings = {
    ...bringUpOptions(options, context),
    ephemeral: true,
    services: [],
    reuse: 'as-is' as const,
  };
  try {
    const up = await bringUp(session, settings, { context, screen });
    await screen.close();
    return up;
  } catch (error) {
    if (error instanceof EnvctlError && (error.code === 'DATA_AT_RISK' || error.code === 'INTERRUPTED')) throw error;
    return failBefore(error, { options, screen }, context);
  }
}

async function failBefore(error: unknown, { options, screen }: Preparing, context: CliContext): Promise<number> {
  await screen.close();
  if (context.signal.aborted) throw error;
  await reportText(error, context, options.verbose === true ? 'yes' : 'no');
  return ownFailure;
}

/** Also after an interrupt, within a time of its own. */
async function clearUp(session: Session, options: UpCommandOptions, context: CliContext): Promise<void> {
  const signal = deadline(120_000);
  const screen = await openScreen({ ...options, output: 'text' }, context);
  try {
    const observed = await session.engine.observe(session.identity.id, signal);
    await takeDown(
      { ...session, observed },
      { graceMs: 0, data: 'remove', except: keptBefore(session) },
      { screen, signal },
    );
  } finally {
    await screen.close();
  }
}
