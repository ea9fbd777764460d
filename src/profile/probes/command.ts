import { COMMAND_MS, commandResult } from './command-result.js';
import { probeKind } from './probe-kind.js';

declare module '../../model/service.js' {
  interface ProbeFields<Text, Options> {
    readonly command: { readonly argv: readonly Text[] };
  }
}

/** A command on this host. */
export const command = probeKind({
  kind: 'command',
  form: 'map',
  keys: { command: { type: 'command', required: true, describe: 'Command on this host; ready on exit code 0' } },
  read: ({ command: argv }) => ({ argv }),
  askedFrom: 'host',
  cheap: false,
  bind: ({ argv }, fill) => ({ argv: argv.map(fill.text) }),
  ask: async ({ argv }, { host, signal }) => commandResult(await host.run(argv, { signal, timeoutMs: COMMAND_MS })),
});
