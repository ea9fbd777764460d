import type { ProbeResult } from '../../model/protocol.js';
import type { DeclaredProbe, Probe, ProbeKind, ProbeOf } from '../../model/service.js';
import { command } from './command.js';
import { exec } from './exec.js';
import { exited } from './exited.js';
import { healthcheck } from './healthcheck.js';
import { healthy } from './healthy.js';
import { log } from './log.js';
import type { AskContext, DeclaredFields, FillReferences, ProbeDeclaration } from './probe-kind.js';
import { protocol } from './protocol.js';
import { running } from './running.js';

/** The kinds of probe: one line and one file each. The protocols' registry adds a probe for each protocol. */
export const probeKinds: { readonly [K in ProbeKind]: ProbeDeclaration<K> } = {
  log,
  exec,
  command,
  healthy,
  running,
  healthcheck,
  exited,
  protocol,
};

export const probeKindNames = Object.keys(probeKinds) as readonly ProbeKind[];

export const probeKindsOfForm = (form: 'map' | 'name'): readonly ProbeKind[] =>
  probeKindNames.filter((kind) => probeKinds[kind].form === form);

/** A probe in plans, events and errors: `postgres`, `healthcheck`, `exit 0`. */
export const probeName = <K extends ProbeKind>(probe: ProbeOf<K>): string => {
  const { kind }: { readonly kind: K } = probe;
  return probeKinds[kind].title(probe);
};

/** The place a probe runs: commands in the service use inside addresses, everything else is asked from this host. */
export const askedFrom = ({ kind }: DeclaredProbe | Probe): 'host' | 'service' => probeKinds[kind].askedFrom;

export const isCheap = ({ kind }: DeclaredProbe | Probe): boolean => probeKinds[kind].cheap;

/** The probe with its references filled in. */
export function bindFields<K extends ProbeKind>(
  probe: { readonly kind: K } & DeclaredFields<K>,
  fill: FillReferences,
): Probe {
  const { kind }: { readonly kind: K } = probe;
  const { bind } = probeKinds[kind];
  return { ...(bind ? bind(probe, fill) : probe), kind } as Probe;
}

/** One attempt of a probe. */
export const askProbe = <K extends ProbeKind>(probe: ProbeOf<K>, context: AskContext): Promise<ProbeResult> => {
  const { kind }: { readonly kind: K } = probe;
  return probeKinds[kind].ask(probe, context);
};
