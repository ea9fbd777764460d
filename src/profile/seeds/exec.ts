import { displayText, formatText } from '../references/template-text.js';
import { commandFailed } from './command.js';
import { seedKind } from './seed-kind.js';

declare module '../../model/service.js' {
  interface SeedSteps<Text> {
    readonly exec: { readonly service: string; readonly argv: readonly Text[] };
  }
}

export const exec = seedKind({
  kind: 'exec',
  keys: {
    exec: { type: 'command', required: true, describe: 'Command in the service' },
    in: { type: 'service', describe: 'Service to run it in; default this one' },
  },
  read: ({ exec: argv, in: other }, { service }) => ({ service: other ?? service, argv }),
  title: ({ argv }) => argv.map(displayText).join(' '),
  unit: 'commands',
  changed: 'refuse',
  interrupted: 'rerun',
  writesFiles: true,
  runsIn: ({ service }) => service,
  identity: (step) => ({ ...step, argv: step.argv.map(formatText) }),
  resolve: (step, resolve) => ({ ...step, argv: step.argv.map((text) => resolve(text, 'inside')) }),
  run: async ({ step }, { access, execIn, signal }) => {
    const result = await execIn(step.service, step.argv, { signal });
    if (result.exitCode !== 0) throw commandFailed(step, access.service, result);
    return 1;
  },
});
