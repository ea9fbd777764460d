import { openForReading, readConnections, type Session } from '../../app/session.js';
import { format } from '../../connections/formats/formats.js';
import { EnvctlError } from '../../model/errors.js';
import type { CliContext } from '../context.js';
import type { GlobalOptions } from '../options.js';

/** `envctl env`: the exports of what runs, secrets included, in a format another program reads. */
export async function envCommand(
  profile: string | undefined,
  options: GlobalOptions & { readonly format: string },
  context: CliContext,
): Promise<number> {
  const session = await openForReading(profile, options, context);
  requireRunning(session);
  context.stdout.write(format(options.format, readConnections(session).exports));
  return 0;
}

/** Throws INSTANCE_UNKNOWN where nothing of the instance exists. */
export function requireRunning(session: Session): void {
  if (session.observed.length > 0) return;
  const { id, profile, source } = session.identity;
  throw new EnvctlError('INSTANCE_UNKNOWN', `nothing of ${id} runs`, {
    hint:
      source.kind === 'id'
        ? 'envctl ls shows the instances there are.'
        : `Bring it up first: envctl up ${source.kind === 'compose' ? `-f ${source.files.join(' -f ')}` : profile}.`,
  });
}
