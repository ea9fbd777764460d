import type { Observed } from '../core/contracts.js';
import { reachOf } from '../core/reach.js';
import type { Watcher } from '../core/watcher.js';
import { type Session, toolsOf } from './session.js';

/** What a service's own protocol answers now, one attempt each: from labels alone, so that no profile file is needed. */
export async function askGates(session: Session, signal: AbortSignal): Promise<(seen: Observed) => string> {
  const answers = await Promise.all(session.observed.map(async (seen) => [seen.id, await answerOf(seen, session, signal)] as const));
  const byId = new Map(answers);
  return (seen) => byId.get(seen.id) ?? '';
}

async function answerOf(seen: Observed, session: Session, signal: AbortSignal): Promise<string> {
  if (seen.state === 'exited') return seen.exitCode === 0 ? 'done' : 'failed';
  if (seen.state !== 'running') return 'not ready';
  const speaks = seen.record?.speaks ?? (seen.record && 'main' in seen.record.ports ? 'tcp' : null);
  if (speaks === null) return seen.health ?? 'running';
  const tools = toolsOf(session, () => undefined, signal);
  const secrets = Object.keys(seen.record?.secrets ?? {}).map((name) => [name, tools.secret(seen, name)] as const);
  const parameters = { ...seen.record?.parameters, ...Object.fromEntries(secrets) };
  const protocol = await tools.protocol(speaks);
  const answer = await protocol.probe(
    reachOf({ replica: seen, port: 'main', parameters, watcher: still(session), engine: session.engine, signal }),
    {},
  );
  return answer.kind === 'ready' ? 'ready' : answer.why;
}

/** A watcher that knows only the look the session began with. */
const still = (session: Session): Pick<Watcher, 'of' | 'refresh'> => ({
  of: (service) => session.observed.filter((seen) => seen.service === service),
  refresh: async () => undefined,
});
