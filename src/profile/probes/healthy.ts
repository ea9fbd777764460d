import { notYet, ready } from '../../model/protocol.js';
import { probeKind } from './probe-kind.js';

declare module '../../model/service.js' {
  interface ProbeFields<Text, Options> {
    readonly healthy: object;
  }
}

/** Docker's own health status. */
export const healthy = probeKind({
  kind: 'healthy',
  form: 'name',
  askedFrom: 'host',
  cheap: false,
  ask: async (_, { access }) => {
    const health = (await access.state())?.health ?? null;
    return health === 'healthy' ? ready : notYet(health === null ? 'has no healthcheck' : health);
  },
});
