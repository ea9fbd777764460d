import { gateAnswers } from '../../app/gate-answers.js';
import { openForReading, readConnections, type Session } from '../../app/session.js';
import type { Connection } from '../../model/connection.js';
import type { Observed } from '../../model/observed.js';
import { paintFor } from '../../ui/color.js';
import { maskedJson } from '../../ui/json.js';
import { type StatusRow, statusText } from '../../ui/listings.js';
import type { CliContext } from '../context.js';
import type { GlobalOptions } from '../options.js';
import { requireRunning } from './env.js';

/** `envctl status`: every replica with what its gate answers now. Exit 0 also where something is not ready; 7 where nothing exists. */
export async function statusCommand(
  profile: string | undefined,
  options: GlobalOptions,
  context: CliContext,
): Promise<number> {
  const session = await openForReading(profile, options, context);
  requireRunning(session);
  const { connections, secrets } = readConnections(session);
  await context.hide(secrets);
  const gates = await gateAnswers(session, context.signal);
  const rows = session.observed
    .map((seen) => rowOf(seen, { session, connections, gate: gates(seen) }))
    .sort((a, b) => a.service.localeCompare(b.service));
  if (options.output === 'json') {
    const { id, profile: name } = session.identity;
    context.stdout.write(
      `${maskedJson({ version: 1, instance: id, profile: name, engine: session.engine.name, services: rows }, context.mask)}\n`,
    );
  } else {
    const paint = await paintFor(context.stdout, context.env);
    context.stdout.write(
      statusText(rows, {
        now: Date.now(),
        paint,
        mask: context.mask,
        columns: context.stdout.isTTY ? context.stdout.columns : undefined,
      }),
    );
  }
  return 0;
}

interface RowContext {
  readonly session: Session;
  readonly connections: readonly Connection[];
  readonly gate: string;
}

function rowOf(seen: Observed, { session, connections, gate }: RowContext): StatusRow {
  const several = session.observed.some((other) => other.service === seen.service && other.replica !== seen.replica);
  const connection = connections.find((one) => one.service === seen.service);
  return {
    service: several ? `${seen.service} ${seen.replica}` : seen.service,
    kind: seen.record?.kind ?? 'service',
    state: seen.state === 'exited' ? `exited ${seen.exitCode ?? '?'}` : seen.state,
    gate,
    address: (seen.state === 'running' ? connection?.urls[seen.replica - 1] : undefined) ?? null,
    since: seen.startedAt,
  };
}
