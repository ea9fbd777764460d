import { defineCommand } from '../command.js';
import type { CliContext } from '../context.js';
import { flag } from '../option-kinds.js';
import { outputOptions } from '../options.js';

export const ls = defineCommand({
  name: 'ls',
  arguments: '',
  group: 'Inspection commands:',
  summary: 'List all instances on this machine',
  options: { profiles: flag('--profiles', 'List the profiles of this project instead'), ...outputOptions },
  run: async ({ options, context }) => {
    await (options.profiles ? writeProfiles(options.output, context) : writeInstances(options.output, context));
    return 0;
  },
});

async function writeInstances(output: 'text' | 'json', context: CliContext): Promise<void> {
  const [{ listInstances }, { instancesText }, { paintFor }] = await Promise.all([
    import('../../app/list-instances.js'),
    import('../../ui/listings.js'),
    import('../../ui/color.js'),
  ]);
  const { stdout, mask, env } = context;
  const { instances, engines } = await listInstances(context);
  if (output === 'json') {
    stdout.write(`${JSON.stringify({ version: 1, instances, engines })}\n`);
    return;
  }
  const silent = engines.filter(({ usable }) => !usable).map(({ name, why }) => `${name}: ${why}`);
  const columns = stdout.isTTY ? stdout.columns : undefined;
  stdout.write(
    instancesText(instances, { now: Date.now(), silent, paint: await paintFor(stdout, env), mask, columns }),
  );
}

async function writeProfiles(output: 'text' | 'json', { stdout, cwd }: CliContext): Promise<void> {
  const [{ profileSummaries }, { table }] = await Promise.all([
    import('../../app/list-profiles.js'),
    import('../../ui/tables.js'),
  ]);
  const profiles = await profileSummaries(cwd);
  const rows = profiles.map(({ name, summary }) => [name, summary]);
  stdout.write(
    output === 'json'
      ? `${JSON.stringify({ version: 1, profiles })}\n`
      : table(rows, { headers: ['PROFILE', 'SUMMARY'] }),
  );
}
