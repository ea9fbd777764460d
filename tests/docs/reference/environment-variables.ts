import { item, page, paragraph, quoted } from '../markdown.js';
import { optionHelps } from './help.js';

/** Variables that no flag mirrors. */
const others: Readonly<Record<string, string>> = {
  'ENVCTL_PARAM_<NAME>':
    'value of the profile parameter `<name>` (upper case, other characters become `_`); `--set` wins, the profile ' +
    'loses.',
  ENVCTL_IMAGES: 'file with [image substitutions](../ci.md#mirrors-and-air-gapped-networks).',
  ENVCTL_HOST:
    'address under which published ports of a remote Docker Engine are reached, if it is not the host of ' +
    '`DOCKER_HOST`.',
  ENVCTL_STATE_DIR: 'state of the embedded engine; default `/var/lib/envctl` for root, else `$XDG_STATE_HOME/envctl`.',
  ENVCTL_CACHE_DIR:
    'downloaded server programs and prepared data directories of the embedded engine; default `/var/cache/envctl` ' +
    'for ' +
    'root, else `$XDG_CACHE_HOME/envctl`.',
};

const standard: Readonly<Record<string, string>> = {
  CI:
    'data lives in memory, `<name>.local.yaml` is ignored, and the instance id includes the job, so parallel ' +
    'jobs never share an instance.',
  COMPOSE_PROFILES: 'like `--compose-profile`, as for Docker Compose.',
  DOCKER_HOST:
    'the Docker Engine: `unix://`, `tcp://` or `ssh://`. `DOCKER_CONTEXT`, `DOCKER_CONFIG`, `DOCKER_CERT_PATH` and ' +
    '`DOCKER_TLS_VERIFY` work as for `docker`.',
  NO_COLOR: 'no colors. `FORCE_COLOR` forces them.',
  XDG_CONFIG_HOME: 'holds `envctl/images.yaml`; default `~/.config`.',
  XDG_STATE_HOME: 'holds `envctl/key`, from which passwords are derived; default `~/.local/state`.',
};

/** Set by envctl for its own processes; listed so that the test knows them. */
export const internal = ['ENVCTL_PROCESS', 'ENVCTL_END'];

export interface VariablesPage {
  readonly text: string;
  readonly names: readonly string[];
}

export function variablesPage(): VariablesPage {
  const mirrored = mirroredVariables();
  const names = [...Object.keys(others).map((name) => name.replace(/<.*/, '')), ...mirrored.keys()];
  const text = page(
    '# Environment variables',
    paragraph(
      'A flag wins over its variable, a variable over the profile. An empty variable counts as unset. A variable ' +
        'of a flag ' +
        'without a value switches it on, unless it is `0`, `false`, `no` or `off`.',
    ),
    '## Variables of flags',
    [...mirrored]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, { flags, commands }]) => item(`\`${name}\`: \`${flags}\` of ${quoted(commands)}.`)),
    '## Other variables of envctl',
    Object.entries(others).map(([name, meaning]) => item(`\`${name}\`: ${meaning}`)),
    '## Standard variables',
    Object.entries(standard).map(([name, meaning]) => item(`\`${name}\`: ${meaning}`)),
  );
  return { text, names };
}

interface Mirrored {
  readonly flags: string;
  readonly commands: string[];
}

/** By the note in the description of the option. */
function mirroredVariables(): ReadonlyMap<string, Mirrored> {
  const found = new Map<string, Mirrored>();
  for (const { command, flags, text } of optionHelps) {
    const name = /env: (ENVCTL_[A-Z_]*[A-Z])(?![A-Z_<])/.exec(text)?.[1];
    if (name === undefined) continue;
    const entry = found.get(name) ?? { flags, commands: [] };
    entry.commands.push(command);
    found.set(name, entry);
  }
  return found;
}
