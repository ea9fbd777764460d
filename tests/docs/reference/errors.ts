import { codes, type ErrorCode } from '../../../src/model/errors.js';
import { page, paragraph } from '../markdown.js';

interface Explanation {
  readonly meaning: string;
  readonly remedy: string;
}

/** The compiler requires an entry for every code. */
const explanations: Readonly<Record<ErrorCode, Explanation>> = {
  USAGE: {
    meaning: 'The command line, an `ENVCTL_*` variable or a call of the library is wrong.',
    remedy: 'Follow the hint; `envctl <command> --help` lists the options of a command.',
  },
  PROFILE_INVALID: {
    meaning: 'A profile, a template or a file it refers to has an unknown key, a wrong type or contradicting keys.',
    remedy: 'Fix the file at the position shown. The [profile reference](profile.md) describes every key.',
  },
  PROFILE_UNKNOWN: {
    meaning: 'There is no profile, Compose file or included file of this name.',
    remedy: 'Check the spelling, or list the profiles of the project with `envctl ls --profiles`.',
  },
  REFERENCE_DANGLING: {
    meaning:
      'A reference such as `${db.url}` or a `depends_on` refers to a service, property or parameter that does not ' +
      'exist, or to an address that is not known at that point.',
    remedy: 'Follow the hint: use an existing name, or an inside address. Write `$$` for a plain dollar sign.',
  },
  CYCLE: {
    meaning: 'Services depend on each other in a circle, or profiles extend each other.',
    remedy:
      'Remove one dependency of the cycle shown. If a service needs only an address, refer to it with ' +
      '`${app.inside.url}`, which is no dependency.',
  },
  VARIABLE_MISSING: {
    meaning: 'A profile or Compose file uses an environment variable that is not set and has no default.',
    remedy: 'Set the variable, or give it a default: `${NAME:-default}`.',
  },
  PARAMETER_INVALID: {
    meaning: 'A parameter is unknown, has no value, or has a value of the wrong type.',
    remedy: 'Pass a valid value with `--set name=value`, `ENVCTL_PARAM_<NAME>`, or under `with:`.',
  },
  TEMPLATE_UNKNOWN: {
    meaning: 'The profile uses a template that neither envctl nor the project provides.',
    remedy: 'Use one of the [templates](templates.md), or add `.envctl/templates/<name>.yaml`.',
  },
  COMPOSE_REFUSED: {
    meaning: 'Docker Compose rejected the Compose file.',
    remedy: 'Fix the file at the position shown; `docker compose config` reports the same problem.',
  },
  ENGINE_CANNOT_RUN: {
    meaning: 'The engine cannot run a service, for example because a server program is not installed.',
    remedy: 'Follow the hint (it contains the install command), or choose another engine with `--engine`.',
  },
  VALUE_UNREPRESENTABLE: {
    meaning: 'The requested format of `envctl env` cannot hold a value exactly, for example a line break in `.env`.',
    remedy: 'Choose another format, such as `--format json`.',
  },
  DATA_AT_RISK: {
    meaning: 'The change would remove data that is marked as kept or that belongs to something else.',
    remedy: 'Follow the hint: undo the change, or remove the data explicitly with `envctl down`.',
  },
  ENGINE_UNAVAILABLE: {
    meaning: 'The engine does not answer.',
    remedy: 'Start Docker, check `DOCKER_HOST` and `DOCKER_CONTEXT`, or use `--engine embedded`.',
  },
  COMPOSE_MISSING: {
    meaning: 'The Docker Compose plugin (or Buildx, for services with `build`) is not installed or too old.',
    remedy: 'Install the plugin named in the message.',
  },
  SERVICE_FAILED: {
    meaning: 'A service exited, crashed or failed to start.',
    remedy: 'Read the last log lines in the message and the diagnostics in `.envctl/failures/`.',
  },
  IMAGE_MISSING: {
    meaning: 'An image cannot be pulled.',
    remedy: 'Check the name, the tag and the registry login; behind a mirror, set `ENVCTL_IMAGES`.',
  },
  IMAGE_BUILD_FAILED: {
    meaning: 'An image cannot be built.',
    remedy: 'The end of the build output is in the message; fix the Dockerfile or its context.',
  },
  INSTANCE_UNKNOWN: {
    meaning: 'The command needs a running instance.',
    remedy: 'Start it with `envctl up`; `envctl ls` lists the instances of this machine.',
  },
  PORT_TAKEN: {
    meaning: 'A fixed host port is in use.',
    remedy: 'Stop the program named in the message, or remove the host part of the port so that envctl picks one.',
  },
  NETWORK_FAILED: {
    meaning: 'A network cannot be created or joined.',
    remedy: 'Follow the hint; often Docker has run out of address pools (`docker network prune`).',
  },
  SEED_FAILED: {
    meaning: 'A seed step failed. The message contains file, line and the answer of the store.',
    remedy: 'Fix the seed file at the position shown and run `envctl up` again.',
  },
  SEED_CHANGED: {
    meaning: 'A seed file changed after its step was applied, and the step cannot be repeated safely.',
    remedy: 'Start with empty data: `envctl down`, then `envctl up`.',
  },
  LOCKED: {
    meaning: 'Another envctl command works on the same instance and did not finish in time.',
    remedy: 'Wait for it, or use a separate instance with `-i <name>`.',
  },
  TEARDOWN_INCOMPLETE: {
    meaning: '`down` could not remove everything. The message lists what is left and why.',
    remedy: 'Fix the cause and run `envctl down` again.',
  },
  GATE_TIMEOUT: {
    meaning: 'A gate did not open in time, or `up` exceeded `--timeout`.',
    remedy: 'The message shows the last answer of the probe. Fix the service, or raise `timeout` for a slow one.',
  },
  INTERRUPTED: {
    meaning: 'The command was interrupted (Ctrl-C or a signal).',
    remedy: 'Nothing to do: what the command had created was removed.',
  },
};

export function errorsPage(): string {
  const names = Object.keys(explanations) as ErrorCode[];
  return page(
    '# Errors',
    paragraph(
      'Every failure that a user can cause has a code. The command prints the message, the position and a hint to ' +
        'stderr and ends with the exit code of the error. With `--output json` the code is in `error.code`; in the ' +
        'library it is `EnvctlError.code`. Any other error is a bug in envctl and ends with exit code 1.',
    ),
    ...[...names]
      .sort()
      .flatMap((name) => [
        `## ${name}`,
        paragraph(`${explanations[name].meaning} Exit code ${codes[name]}.`),
        paragraph(`**Remedy:** ${explanations[name].remedy}`),
      ]),
  );
}
