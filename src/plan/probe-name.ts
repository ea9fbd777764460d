import type { Probe } from '../model/service.js';

/** Shown for a probe in plans, events and errors: `postgres`, `healthcheck`, `exit 0`. */
export function probeName(probe: Probe): string {
  if (probe.kind === 'protocol') return probe.protocol;
  if (probe.kind === 'running') return 'running (not checked)';
  return probe.kind === 'exited' ? 'exit 0' : probe.kind;
}
