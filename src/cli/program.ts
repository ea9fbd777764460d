/** The command line: names, options and help. What a command does is loaded when it is called. */
import { Command, CommanderError, Option, type OutputConfiguration } from 'commander';
import { formatNames } from '../connections/formats/format-names.js';
import { EnvctlError } from '../model/errors.js';
import type { CliContext } from './context.js';
import { examples } from './examples.js';
import { addInstanceOptions, addOutputOptions, addProfileOptions, flag, list, valued } from './options.js';

/** Runs one command line; gives its exit code. Throws EnvctlError. */
export async function runProgram(argv: readonly string[], context: CliContext): Promise<number> {
  const outcome = { code: 0 };
  const { own, command } = cutCommand(argv);
  const program = buildProgram({ ...context, command }, outcome);
  // Its library is needed only where it is called; for the help its words are enough.
  if (argv[0] === 'completion' || argv[0] === 'complete') (await import('./completion.js')).addCompletion(program);
  else
    program
      .command('completion <shell>')
      .description('a script that completes commands and profiles: bash, zsh, fish, powershell');
  try {
    await program.parseAsync([...own], { from: 'user' });
    return outcome.code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0 || error.code === 'commander.help') return error.exitCode === 0 ? 0 : 2;
    throw new EnvctlError('USAGE', error.message.replace(/^error: /, ''), {
      hint: 'envctl <command> --help lists its options.',
    });
  }
}

/** What stands behind `--` of `run` and `exec` is not ours to read. */
function cutCommand(argv: readonly string[]): { readonly own: readonly string[]; readonly command: readonly string[] } {
  const cut = argv.indexOf('--');
  return cut < 0 || !['run', 'exec'].includes(argv[0] ?? '')
    ? { own: argv, command: [] }
    : { own: argv.slice(0, cut), command: argv.slice(cut + 1) };
}

type Handler = (...args: never[]) => Promise<number>;

/** The whole program, for running and for completion. */
export function buildProgram(
  context: CliContext & { readonly command: readonly string[] },
  outcome: { code: number },
): Command {
  const program = new Command('envctl')
    .enablePositionalOptions()
    .description('Brings up the environment your integration tests need: gated, seeded, connected, torn down.')
    .version('', '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput(outputOf(context))
    .showSuggestionAfterError()
    .addHelpText('after', examples.program);
  const run =
    (load: () => Promise<Handler>) =>
    async (...args: unknown[]): Promise<void> => {
      const handler = await load();
      // Commander hands the command object over last; handlers take the context in its place.
      const command = args.at(-1) as Command;
      outcome.code = await handler(...([...meant(args.slice(0, -1), command), context] as never[]));
    };
  addWorkingCommands(program, run);
  addReadingCommands(program, run);
  addToolCommands(program, run);
  for (const command of program.commands) command.exitOverride().configureOutput(outputOf(context));
  return program;
}

/** With `-f` no profile is named, so the first word is a service. A profile's name in turn beats the files of a variable. */
function meant(args: readonly unknown[], command: Command): readonly unknown[] {
  const options = command.opts<{ readonly file?: readonly string[] }>();
  const { registeredArguments } = command;
  const named = registeredArguments[0]?.name() === 'profile' && args[0] !== undefined;
  if (!named || (options.file ?? []).length === 0) return args;
  if (command.getOptionValueSource('file') === 'default') return [...args.slice(0, -1), { ...options, file: [] }];
  if (registeredArguments.length === 1)
    throw new EnvctlError('USAGE', `say the profile ${String(args[0])} or files with -f, not both`, {
      hint: `envctl ${command.name()} -f ${options.file?.join(' -f ')}`,
    });
  const words = [undefined, ...args.slice(0, -1).flat()].filter((word, place) => place === 0 || word !== undefined);
  return [
    ...registeredArguments.map((argument, place) => (argument.variadic ? words.slice(place) : words[place])),
    options,
  ];
}

/** Help goes where it belongs; what is wrong is told by `main`, like every other error. */
const outputOf = (context: CliContext): OutputConfiguration => ({
  writeOut: (text) => void context.stdout.write(text),
  writeErr: (text) => void context.stderr.write(text),
  outputError: () => undefined,
});

type Run = (load: () => Promise<Handler>) => (...args: unknown[]) => Promise<void>;

function addUpOptions(command: Command): Command {
  return addOutputOptions(addProfileOptions(command))
    .addOption(valued('--timeout <time>', 'limit for the whole of it (90s, 5m)', 'ENVCTL_TIMEOUT'))
    .addOption(flag('--keep', 'leave everything in place after a failure', 'ENVCTL_KEEP'))
    .addOption(flag('--ephemeral', 'stores in memory, the default where CI is set', 'ENVCTL_EPHEMERAL'))
    .addOption(
      valued('--storage <kind>', 'where stores live', 'ENVCTL_STORAGE')
        .choices(['memory', 'disk', 'auto'])
        .default('auto'),
    )
    .addOption(flag('--fixed-ports', 'keep the host ports a Compose file fixes', 'ENVCTL_FIXED_PORTS'))
    .addOption(flag('--pull', 'look for newer images first', 'ENVCTL_PULL'));
}

const without = (description: string): Option =>
  list('--without <service...>', description, { variable: 'ENVCTL_WITHOUT', separator: ',' });

function addWorkingCommands(program: Command, run: Run): void {
  addUpOptions(
    program.command('up [profile] [services...]').description('bring an environment up: started, gated, seeded'),
  )
    .addOption(without('all but these (the one you run yourself)'))
    .addOption(new Option('-d, --detach', 'what already happens').hideHelp())
    .addOption(new Option('--wait', 'what already happens').hideHelp())
    .addOption(new Option('--build', 'what already happens').hideHelp())
    .addHelpText('after', examples.up)
    .action(run(async () => (await import('./commands/up.js')).upCommand));
  addOutputOptions(
    addInstanceOptions(
      program.command('down [profile]').description('take an environment down and leave nothing behind'),
    ),
  )
    .addOption(flag('--keep-data', 'keep the stores of all services', 'ENVCTL_KEEP_DATA'))
    .addOption(valued('--grace <time>', 'how long services may take to end by themselves', 'ENVCTL_GRACE').default('0'))
    .addOption(new Option('--volumes', 'what already happens').hideHelp())
    .addHelpText('after', examples.down)
    .action(run(async () => (await import('./commands/down.js')).downCommand));
  addUpOptions(
    program
      .command('run [profile]')
      .usage('[profile] [options] -- <command...>')
      .description('bring up, run a command with the exports in its environment, take down'),
  )
    .addOption(without('all but these'))
    .addHelpText('after', examples.run)
    .action(run(async () => (await import('./commands/run.js')).runCommand));
  addUpOptions(
    program.command('restart [profile] [services...]').description('restart services and wait until they are ready'),
  ).action(run(async () => (await import('./commands/restart.js')).restartCommand));
}

function addReadingCommands(program: Command, run: Run): void {
  addUpOptions(program.command('plan [profile] [services...]').description('show what up would do, and do nothing'))
    .addOption(without('all but these'))
    .action(run(async () => (await import('./commands/plan.js')).planCommand));
  addOutputOptions(
    addInstanceOptions(program.command('status [profile]').description('what runs, and whether it is ready')),
  ).action(run(async () => (await import('./commands/status.js')).statusCommand));
  addOutputOptions(
    program
      .command('ls')
      .description('all instances on this machine')
      .option('--profiles', 'the profiles of this project instead'),
  ).action(run(async () => (await import('./commands/ls.js')).lsCommand));
  addInstanceOptions(program.command('env [profile]').description('connections as environment variables'))
    .addOption(
      valued('--format <name>', 'how to write them', 'ENVCTL_FORMAT')
        .choices([...formatNames])
        .default('dotenv'),
    )
    .addHelpText('after', examples.env)
    .action(run(async () => (await import('./commands/env.js')).envCommand));
  addInstanceOptions(
    program
      .command('port <profile> [service] [port]')
      .usage('[options] <profile> <service> [port]')
      .description('where a service listens on this host'),
  ).action(run(async () => (await import('./commands/port.js')).portCommand));
  addInstanceOptions(program.command('logs [profile] [services...]').description('what services wrote'))
    .option('--follow', 'go on as they write')
    .option('--since <time>', 'only the last while (5m)')
    .option('-n, --tail <lines>', 'only the last lines')
    .action(run(async () => (await import('./commands/logs.js')).logsCommand));
  addInstanceOptions(
    program
      .command('exec <profile> [service] [command...]')
      .usage('[options] <profile> <service> [command...]')
      .passThroughOptions()
      .description('run a command in a service'),
  )
    .option('-t, --tty', 'connect this terminal', process.stdin.isTTY === true)
    .option('-T, --no-tty', 'do not connect it')
    .option('-u, --user <user>', 'as this user')
    .option('--replica <number>', 'in this replica', '1')
    .addHelpText('after', examples.exec)
    .action(run(async () => (await import('./commands/exec.js')).execCommand));
  addProfileOptions(
    program.command('config [profile]').description('the profile as it is meant: merged, defaulted, checked'),
  )
    .addOption(new Option('--output <format>').choices(['yaml', 'json']).default('yaml'))
    .option('-q, --quiet', 'only check it')
    .action(run(async () => (await import('./commands/config.js')).configCommand));
}

function addToolCommands(program: Command, run: Run): void {
  program
    .command('schema')
    .description('JSON Schema of profiles, for editors')
    .action(run(async () => (await import('./commands/schema.js')).schemaCommand));
}
