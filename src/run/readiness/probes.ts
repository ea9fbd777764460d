/** Asks the probes of one replica, once. */
import type { ExecResult, Host } from '../../model/host.js';
import { notYet, type ProbeResult, type Protocol, ready, type ServiceAccess } from '../../model/protocol.js';
import type { Probe } from '../../model/service.js';
import { probeName } from '../../plan/probe-name.js';

/** Everything a probe may use. */
export interface ProbeAttempt {
  readonly host: Host;
  readonly signal: AbortSignal;
  readonly protocol: (name: string) => Promise<Protocol>;
  /** Access to the replica; `port` is the name of the port to ask. */
  readonly access: (port: string) => ServiceAccess;
  /** How long a log probe waits for further lines, ms; 0: it reads only existing lines. */
  readonly followMs: number;
}

export interface ProbeAnswer {
  readonly probe: string;
  readonly result: ProbeResult;
}

/** Asks in the given order; the first probe that is not ready is the answer. */
export async function askProbes(probes: readonly Probe[], attempt: ProbeAttempt): Promise<ProbeAnswer> {
  for (const probe of probes) {
    const result = await askProbe(probe, attempt);
    if (result.kind !== 'ready') return { probe: probeName(probe), result };
  }
  return { probe: probes.map(probeName).join(', '), result: ready };
}

const askers: {
  readonly [K in Probe['kind']]: (
    probe: Extract<Probe, { kind: K }>,
    access: ServiceAccess,
    attempt: ProbeAttempt,
  ) => Promise<ProbeResult>;
} = {
  protocol: async (probe, access, { protocol }) => (await protocol(probe.protocol)).probe(access, probe.options),
  log: (probe, access, { followMs }) => askLog(probe, access, followMs),
  exec: async ({ argv }, access) => fromExit(await access.exec(argv, { timeoutMs: commandMs })),
  command: async ({ argv }, _, { host, signal }) => fromExit(await host.run(argv, { signal, timeoutMs: commandMs })),
  healthcheck: async ({ test, timeoutMs }, access) => fromExit(await access.exec(healthcheckArgv(test), { timeoutMs })),
  healthy: async (_, access) => {
    const health = (await access.state())?.health ?? null;
    return health === 'healthy' ? ready : notYet(health === null ? 'has no healthcheck' : health);
  },
  exited: async () => notYet('still running'),
  running: async () => ready,
};

/** Time limit of a command used as a probe. */
const commandMs = 10_000;

function askProbe<K extends Probe['kind']>(
  probe: Extract<Probe, { kind: K }>,
  attempt: ProbeAttempt,
): Promise<ProbeResult> {
  const { kind }: { readonly kind: K } = probe;
  const port = 'port' in probe ? probe.port : 'main';
  return askers[kind](probe, attempt.access(port), attempt);
}

async function askLog(
  probe: Extract<Probe, { kind: 'log' }>,
  access: ServiceAccess,
  followMs: number,
): Promise<ProbeResult> {
  const pattern = new RegExp(probe.pattern, 'u');
  let found = 0;
  for await (const line of access.logs(followMs > 0 ? { followMs } : {})) {
    if (pattern.test(line) && ++found >= probe.times) return ready;
  }
  return notYet(`no log line matches /${probe.pattern}/${probe.times > 1 ? ` (${found} of ${probe.times})` : ''}`);
}

/** Compose's forms: `CMD a b`, `CMD-SHELL "a b"` (docs.docker.com/reference/dockerfile/#healthcheck). */
export const healthcheckArgv = (test: readonly string[]): readonly string[] =>
  test[0] === 'CMD-SHELL' ? ['/bin/sh', '-c', test.slice(1).join(' ')] : test[0] === 'CMD' ? test.slice(1) : test;

function fromExit({ exitCode, stdout, stderr }: ExecResult): ProbeResult {
  if (exitCode === 0) return ready;
  const lastLine = `${stderr}\n${stdout}`
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .at(-1);
  const code = exitCode === 124 ? 'timed out' : exitCode === 127 ? 'not found (127)' : `exit ${exitCode}`;
  return notYet(lastLine ? `${code}: ${lastLine.slice(0, 200)}` : code);
}
