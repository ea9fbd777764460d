import { COMMAND_MS, commandResult } from './command-result.js';
import { probeKind } from './probe-kind.js';

declare module '../../model/service.js' {
  interface ProbeFields<Text, Options> {
    readonly exec: { readonly argv: readonly Text[] };
  }
}

/** A command in the service. */
export const exec = probeKind({
  kind: 'exec',
  form: 'map',
  keys: { exec: { type: 'command', required: true, describe: 'Command in the service; ready on exit code 0' } },
  read: ({ exec: argv }) => ({ argv }),
  askedFrom: 'service',
  cheap: false,
  bind: ({ argv }, fill) => ({ argv: argv.map(fill.text) }),
  ask: async ({ argv }, { access }) => commandResult(await access.exec(argv, { timeoutMs: COMMAND_MS })),
});
