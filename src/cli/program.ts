import { Command, CommanderError, Help, Option } from 'commander';
import { EnvctlError } from '../model/errors.js';
import type { CliCommand, Invocation } from './command.js';
import { completion } from './commands/completion.js';
import { config } from './commands/config.js';
import { down } from './commands/down.js';
import { env } from './commands/env.js';
import { exec } from './commands/exec.js';
import { logs } from './commands/logs.js';
import { ls } from './commands/ls.js';
import { plan } from './commands/plan.js';
import { port } from './commands/port.js';
import { restart } from './commands/restart.js';
import { run } from './commands/run.js';
import { schema } from './commands/schema.js';
import { status } from './commands/status.js';
import { up } from './commands/up.js';
import type { CliContext } from './context.js';
import { examplesText } from './help-text.js';
import { stringsOf } from './option-kinds.js';

/** Every command, in the order of the help. Each loads what it needs when it runs. */
export const commands: readonly CliCommand[] = [
  up,
  down,
  run,
  restart,
  plan,
  status,
  ls,
  env,
  port,
  logs,
  exec,
  config,
  schema,
  completion,
];

/** Runs one command line and returns its exit code. Throws EnvctlError. */
export async function runProgram(argv: readonly string[], context: CliContext): Promise<number> {
  const { own, command } = splitAtDashes(argv);
  const outcome = { code: 0 };
  const program = await programFor(argv, context, async (definition, invocation) => {
    outcome.code = await definition.run({ ...invocation, command, context });
  });
  try {
    await program.parseAsync([...own], { from: 'user' });
    return outcome.code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    if (error.code === 'commander.help') return 2;
    throw usageError(error, argv[0]);
  }
}

/** Arguments after `--` of `run` and `exec` belong to another program. */
function splitAtDashes(argv: readonly string[]): {
  readonly own: readonly string[];
  readonly command: readonly string[];
} {
  const cut = argv.indexOf('--');
  return cut < 0 || !['run', 'exec'].includes(argv[0] ?? '')
    ? { own: argv, command: [] }
    : { own: argv.slice(0, cut), command: argv.slice(cut + 1) };
}

type CommandArguments = Omit<Invocation<Readonly<Record<string, unknown>>>, 'command' | 'context'>;
type RunCommand = (definition: CliCommand, given: CommandArguments) => Promise<void>;

/** The completion library adds its own `completion` command, and is loaded only for the shell's call. */
async function programFor(argv: readonly string[], context: CliContext, onRun: RunCommand): Promise<Command> {
  if (argv[0] !== 'complete') return buildProgram(commands, context, onRun);
  const program = buildProgram(
    commands.filter((definition) => definition !== completion),
    context,
    onRun,
  );
  (await import('./completion.js')).addCompletion(program, context.cwd);
  return program;
}

function buildProgram(definitions: readonly CliCommand[], context: CliContext, onRun: RunCommand): Command {
  const program = new Command('envctl')
    .enablePositionalOptions()
    .usage('<command> [options]')
    .description('Bring up the environment your integration tests need, and tear it down.')
    .version('', '-V, --version', 'Show the version')
    .helpOption('-h, --help', 'Show help')
    .commandsGroup('Other commands:')
    .helpCommand('help [command]', 'Show help for a command')
    .configureHelp({
      subcommandTerm: (command) => command.name(),
      optionDescription: (option) => option.description,
      groupItems: groupedItems,
    })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
      // Errors are reported by `main`, all in one style.
      outputError: () => undefined,
    })
    .showSuggestionAfterError()
    .addHelpText('after', examplesText(programHelp));
  for (const definition of definitions) addCommand(program, definition, onRun);
  return program;
}

/** Groups in order of appearance, but a command's own options first. */
function groupedItems<Item extends Command | Option>(
  _unsorted: Item[],
  visible: Item[],
  groupOf: (item: Item) => string,
): Map<string, Item[]> {
  const own = visible.filter((item) => groupOf(item) === 'Options:');
  return new Help().groupItems([...own, ...visible], visible, groupOf);
}

const programHelp = {
  examples: [
    ['envctl up shop', 'Bring up environments/shop/profile.yaml'],
    ['envctl up -f docker-compose.yml', 'Bring up a Compose file'],
    ['envctl run shop -- npm test', 'Bring up, test, tear down'],
    ['eval "$(envctl env shop --format shell)"', 'Export connections to this shell'],
    ['envctl down shop', 'Remove the environment'],
  ],
  notes: 'Run `envctl <command> --help` for the options of a command.',
} as const;

function addCommand(program: Command, definition: CliCommand, onRun: RunCommand): void {
  const command = program
    .command(`${definition.name} ${definition.arguments}`.trim())
    .description(definition.summary)
    .helpGroup(definition.group)
    .passThroughOptions(definition.passThrough === true)
    .addHelpText('after', examplesText(definition));
  if (definition.usage) command.usage(definition.usage);
  for (const [name, option] of Object.entries(definition.options))
    for (const built of option.build()) {
      if (built.attributeName() !== name) throw new Error(`option ${built.flags} is listed as ${name}`);
      command.addOption(built);
    }
  for (const flags of definition.ignoredFlags ?? []) command.addOption(new Option(flags).hideHelp());
  command.action((...parts: unknown[]) => onRun(definition, readArguments(command, parts.slice(0, -2).flat())));
}

/** With `-f` there is no profile argument. A profile given as an argument wins over files from `ENVCTL_FILE`. */
function readArguments(command: Command, values: readonly unknown[]): CommandArguments {
  const options: Readonly<Record<string, unknown>> = command.opts();
  const given = values.filter((value) => typeof value === 'string');
  const takesProfile = command.registeredArguments[0]?.name() === 'profile';
  const [profile = null, ...rest] = given;
  if (!takesProfile) return { profile: null, operands: given, options };
  const files = stringsOf(options.file);
  if (profile === null || files.length === 0) return { profile, operands: rest, options };
  if (command.getOptionValueSource('file') === 'default')
    return { profile, operands: rest, options: { ...options, file: [] } };
  if (command.registeredArguments.length > 1) return { profile: null, operands: given, options };
  throw new EnvctlError('USAGE', `Give either the profile "${profile}" or files with \`-f\`, not both`, {
    hint: `Run \`envctl ${command.name()} -f ${files.join(' -f ')}\`.`,
  });
}

function usageError(error: CommanderError, name: string | undefined): EnvctlError {
  const message = error.message
    .replace(/^error: /, '')
    .replace(/^./, (first) => first.toUpperCase())
    .replaceAll(/'([^'\n]*)'/g, '"$1"')
    .replace(/\.$/, '');
  const isCommand = commands.some((definition) => definition.name === name);
  return new EnvctlError('USAGE', message, {
    hint: isCommand
      ? `Run \`envctl ${name} --help\` to list its options.`
      : 'Run `envctl --help` to list all commands.',
  });
}
