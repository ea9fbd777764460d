/** Asking one replica its probes, once. */

import type { Host } from '../model/host.js';
import type { Observed } from '../model/observed.js';
import { notYet, type ProbeResult, type Protocol, type ServiceAccess } from '../model/protocol.js';
import type { Probe } from '../model/service.js';

import { probeName } from '../plan/probe-name.js';

/** What a probe may need of the surroundings. */
export interface ProbeContext {
  readonly host: Host;
  readonly signal: AbortSignal;
  readonly protocol: (name: string) => Promise<Protocol>;
  readonly reach: (replica: Observed, port: string) => ServiceAccess;
  /** How long one look into a log waits for further lines, ms; 0: it takes what is there. */
  readonly followMs: number;
}

export interface ProbeAnswer {
  readonly probe: string;
  readonly result: ProbeResult;
}

/** In the order written; the first that does not hold answers for all. */
export async function askProbes(
  probes: readonly Probe[],
  where: { replica: Observed; context: ProbeContext },
): Promise<ProbeAnswer> {
  for (const probe of probes) {
    const result = await askOne(probe, where);
    if (result.kind !== 'ready') return { probe: probeName(probe), result };
  }
  return { probe: probes.map(probeName).join(', '), result: { kind: 'ready' } };
}

const asker: {
  readonly [K in Probe['kind']]: (
    probe: Extract<Probe, { kind: K }>,
    reach: ServiceAccess,
    context: ProbeContext,
  ) => Promise<ProbeResult>;
} = {
  protocol: async (probe, reach, context) => (await context.protocol(probe.protocol)).probe(reach, probe.options),
  log: (probe, reach, { followMs }) => askLog(probe, reach, followMs),
  exec: async (probe, reach) => fromExit(await reach.exec(probe.argv, { timeoutMs: 10_000 })),
  command: async (probe, _, context) =>
    fromExit(await context.host.run(probe.argv, { signal: context.signal, timeoutMs: 10_000 })),
  healthcheck: async (probe, reach) =>
    fromExit(await reach.exec(healthcheckArgv(probe.test), { timeoutMs: probe.timeoutMs })),
  healthy: async (_, reach) => {
    const health = (await reach.state())?.health ?? null;
    return health === 'healthy' ? { kind: 'ready' } : notYet(health === null ? 'has no healthcheck' : health);
  },
  exited: async () => notYet('still running'),
  running: async () => ({ kind: 'ready' }),
};

function askOne(
  probe: Probe,
  { replica, context }: { replica: Observed; context: ProbeContext },
): Promise<ProbeResult> {
  const port = probe.kind === 'protocol' ? probe.port : 'main';
  const answer = asker[probe.kind] as (
    probe: Probe,
    reach: ServiceAccess,
    context: ProbeContext,
  ) => Promise<ProbeResult>;
  return answer(probe, context.reach(replica, port), context);
}

async function askLog(
  probe: Extract<Probe, { kind: 'log' }>,
  reach: ServiceAccess,
  followMs: number,
): Promise<ProbeResult> {
  const pattern = new RegExp(probe.pattern, 'u');
  let found = 0;
  for await (const line of reach.logs(followMs > 0 ? { followMs } : {})) {
    if (pattern.test(line) && ++found >= probe.times) return { kind: 'ready' };
  }
  return notYet(`no log line matches /${probe.pattern}/${probe.times > 1 ? ` (${found} of ${probe.times})` : ''}`);
}

/** Compose's forms: `CMD a b`, `CMD-SHELL "a b"` (docs.docker.com/reference/dockerfile/#healthcheck). */
export const healthcheckArgv = (test: readonly string[]): readonly string[] =>
  test[0] === 'CMD-SHELL' ? ['/bin/sh', '-c', test.slice(1).join(' ')] : test[0] === 'CMD' ? test.slice(1) : test;

function fromExit({
  exitCode,
  stdout,
  stderr,
}: {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}): ProbeResult {
  if (exitCode === 0) return { kind: 'ready' };
  const words = `${stderr}\n${stdout}`
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .at(-1);
  const code = exitCode === 124 ? 'timed out' : exitCode === 127 ? 'not found (127)' : `exit ${exitCode}`;
  return notYet(words ? `${code}: ${words.slice(0, 200)}` : code);
}
