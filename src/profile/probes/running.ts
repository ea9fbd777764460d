import { ready } from '../../model/protocol.js';
import { probeKind } from './probe-kind.js';

declare module '../../model/service.js' {
  interface ProbeFields<Text, Options> {
    readonly running: object;
  }
}

/** Only that the service runs: there is nothing to ask. */
export const running = probeKind({
  kind: 'running',
  form: 'name',
  title: () => 'running (not checked)',
  askedFrom: 'host',
  cheap: true,
  ask: async () => ready,
});
