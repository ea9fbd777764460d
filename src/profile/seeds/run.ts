import { displayText, formatText } from '../references/template-text.js';
import { commandFailed } from './command.js';
import { seedKind } from './seed-kind.js';

declare module '../../model/service.js' {
  interface SeedSteps<Text> {
    readonly run: { readonly argv: readonly Text[]; readonly cwd: string };
  }
}

export const run = seedKind({
  kind: 'run',
  keys: {
    run: {
      type: 'command',
      required: true,
      describe: 'Command on this host, with the exports as environment variables',
    },
    cwd: { type: 'folder', describe: "Working directory; default the profile's folder" },
  },
  read: ({ run: argv, cwd }) => ({ argv, cwd }),
  title: ({ argv }) => argv.map(displayText).join(' '),
  unit: 'commands',
  changed: 'refuse',
  interrupted: 'rerun',
  writesFiles: true,
  identity: (step) => ({ ...step, argv: step.argv.map(formatText) }),
  resolve: (step, resolve) => ({ ...step, argv: step.argv.map((text) => resolve(text, 'outside')) }),
  run: async ({ step }, { access, host, signal, exports }) => {
    const result = await host.run(step.argv, { signal, cwd: step.cwd, env: exports() });
    if (result.exitCode !== 0) throw commandFailed(step, access.service, result);
    return 1;
  },
});
