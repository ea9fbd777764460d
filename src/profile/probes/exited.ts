import { notYet } from '../../model/protocol.js';
import { probeKind } from './probe-kind.js';

declare module '../../model/service.js' {
  interface ProbeFields<Text, Options> {
    readonly exited: object;
  }
}

/** A job: its gate opens when it exits with 0. */
export const exited = probeKind({
  kind: 'exited',
  form: 'none',
  title: () => 'exit 0',
  askedFrom: 'host',
  cheap: false,
  ask: async () => notYet('still running'),
});
