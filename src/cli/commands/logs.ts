import { openForReading, readConnections, type Session } from '../../app/session.js';
import { milliseconds } from '../../model/durations.js';
import type { LogLine } from '../../model/engine.js';
import { EnvctlError } from '../../model/errors.js';
import type { Observed } from '../../model/observed.js';
import { safe } from '../../ui/text.js';
import type { CliContext } from '../context.js';
import type { GlobalOptions } from '../options.js';
import { requireRunning } from './env.js';

export interface LogsOptions extends GlobalOptions {
  readonly follow?: boolean;
  readonly since?: string;
  readonly tail?: string;
}

/** `envctl logs`: lines of services, each behind its service's name where there are several; control characters made visible. */
export async function logsCommand(
  profile: string | undefined,
  services: readonly string[],
  options: LogsOptions,
  context: CliContext,
): Promise<number> {
  const session = await openForReading(profile, options, context);
  requireRunning(session);
  await context.hide(readConnections(session).secrets);
  const chosen = session.observed.filter((seen) => services.length === 0 || services.includes(seen.service));
  const unknown = services.find((name) => !session.observed.some((seen) => seen.service === name));
  if (unknown !== undefined)
    throw new EnvctlError('USAGE', `nothing of "${unknown}" runs`, {
      hint: `Services here: ${[...new Set(session.observed.map((seen) => seen.service))].join(', ')}.`,
    });
  const width = Math.max(...chosen.map((seen) => labelOf(seen, session.observed).length));
  const print = (line: LogLine, seen: Observed): void => {
    const label = chosen.length > 1 ? `${labelOf(seen, session.observed).padEnd(width)} | ` : '';
    context.stdout.write(`${label}${safe(context.mask(line.text))}\n`);
  };
  await Promise.all(chosen.map((seen) => printAll(seen, { print, options, session, context })));
  return 0;
}

interface Printing {
  readonly print: (line: LogLine, seen: Observed) => void;
  readonly options: LogsOptions;
  readonly session: Session;
  readonly context: CliContext;
}

async function printAll(seen: Observed, { print, options, session, context }: Printing): Promise<void> {
  const since = options.since === undefined ? null : milliseconds(options.since);
  if (options.since !== undefined && since === null)
    throw new EnvctlError('USAGE', `"${options.since}" is not a time`, {
      hint: 'Write seconds (60) or a duration (90s, 5m).',
    });
  const tail = options.tail === undefined ? null : Number(options.tail);
  if (tail !== null && !Number.isInteger(tail))
    throw new EnvctlError('USAGE', `"${options.tail}" is not a number of lines`, { hint: 'Write --tail 100.' });
  const lines = session.engine.logs(seen, {
    signal: context.signal,
    follow: options.follow === true,
    ...(since === null ? {} : { since: Date.now() - since }),
    ...(tail === null ? {} : { tail }),
  });
  for await (const line of lines) print(line, seen);
}

const labelOf = (seen: Observed, all: readonly Observed[]): string =>
  all.some((other) => other.service === seen.service && other.replica !== seen.replica)
    ? `${seen.service}-${seen.replica}`
    : seen.service;
