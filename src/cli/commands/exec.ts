import { fstatSync } from 'node:fs';
import { openForReading } from '../../app/session.js';
import { EnvctlError, suggest } from '../../model/errors.js';
import type { CliContext } from '../context.js';
import type { GlobalOptions } from '../options.js';
import { requireRunning } from './env.js';

export interface ExecCommandOptions extends GlobalOptions {
  readonly tty?: boolean;
  readonly user?: string;
  readonly replica: string;
}

/** `envctl exec <profile> <service> <command…>`: the command's own exit code. */
export async function execCommand(
  profile: string | undefined,
  service: string | undefined,
  written: readonly string[],
  options: ExecCommandOptions,
  context: CliContext & { readonly command: readonly string[] },
): Promise<number> {
  const argv = [...written, ...context.command];
  if (service === undefined || argv.length === 0)
    throw new EnvctlError('USAGE', `exec needs a ${service === undefined ? 'service' : 'command'}`, {
      hint: `envctl exec ${profile ?? '-f <file>'} ${service ?? '<service>'} <command>.`,
    });
  const session = await openForReading(profile, options, context);
  requireRunning(session);
  const names = [...new Set(session.observed.map((seen) => seen.service))];
  if (!names.includes(service))
    throw new EnvctlError('USAGE', `nothing of "${service}" runs`, { hint: suggest(service, names) });
  const target = { instance: session.identity.id, service, replica: Number(options.replica) };
  const result = await session.engine.exec(target, argv, {
    signal: context.signal,
    interactive: options.tty === true || inputIsGiven(),
    ...(options.user === undefined ? {} : { user: options.user }),
  });
  context.stdout.write(result.stdout);
  context.stderr.write(result.stderr);
  return result.exitCode;
}

/** A file, a pipe: `envctl exec shop db psql < dump.sql`. */
function inputIsGiven(): boolean {
  try {
    const input = fstatSync(0);
    return input.isFile() || input.isFIFO() || input.isSocket();
  } catch {
    return false;
  }
}
