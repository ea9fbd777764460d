import type { ErrorCode } from '../../../model/errors.js';

export interface Rule {
  readonly when: RegExp;
  readonly code: ErrorCode;
  readonly message: (found: RegExpExecArray, words: string) => string;
  readonly hint: string;
}

/** First match wins. Texts are those of Compose 2.26–5.x and Engine 20.10–29, met in faults.md §3 B–D. */
export const rules: readonly Rule[] = [
  {
    when: /non-overlapping IPv4 address pool|predefined address pools have been fully subnetted|[Pp]ool overlaps/,
    code: 'NETWORK_FAILED',
    message: () => 'The engine has no free subnet for another network',
    hint: '`envctl ls` shows instances that can go; `docker network ls` what else holds a subnet. Or widen `default-address-pools` in the engine’s daemon.json.',
  },
  {
    when: /container name "\/?([^"]+)" is already in use/,
    code: 'NETWORK_FAILED',
    message: ([, name]) => `The container name "${name}" is taken by a container that is not envctl's`,
    hint: 'Rename or remove that container (`docker ps -a` shows it), or use another instance name with -i.',
  },
  {
    when: /network (\S+) was found but has incorrect label|volume (\S+) (?:already exists|exists but)/,
    code: 'NETWORK_FAILED',
    message: ([, network, volume]) =>
      `The ${network === undefined ? `volume "${volume}"` : `network "${network}"`} exists and is not envctl's`,
    hint: 'Rename or remove it (`docker network ls`, `docker volume ls`), or declare it `external: true` to use it as it is.',
  },
  {
    when: /no space left on device/,
    code: 'SERVICE_FAILED',
    message: () => 'The engine’s disk is full',
    hint: '`docker system df` shows what fills it.',
  },
  {
    when: /port is already allocated|address already in use|ports are not available/,
    code: 'PORT_TAKEN',
    message: (_, words) =>
      `A host port is taken: ${/(?:Bind for|listen tcp4?|exposing port TCP) (\S+?:\d+)/.exec(words)?.[1] ?? words}`,
    hint: 'Free that port, or let envctl choose one by leaving the host side out.',
  },
  {
    when: /cannot assign requested address/,
    code: 'PORT_TAKEN',
    message: () => 'The engine cannot publish ports on the address it was given',
    hint: 'Set ENVCTL_HOST to an address of the machine that the engine runs on.',
  },
  {
    when: /No such image: (\S+)|pull access denied for (\S+?),/,
    code: 'IMAGE_MISSING',
    message: ([, a, b]) => `Image ${a ?? b} is not here`,
    hint: 'Run `envctl up` again: it pulls and builds images first.',
  },
  {
    when: /executable file not found|no such file or directory: unknown|permission denied: unknown|exec format error/,
    code: 'SERVICE_FAILED',
    message: () => 'its command cannot be run in the image',
    hint: 'Check `command`, `entrypoint` and `working_dir` against what the image has.',
  },
  {
    when: /bind source path does not exist: (.+)/,
    code: 'SERVICE_FAILED',
    message: ([, path]) => `the file or folder it mounts is not there: ${path}`,
    hint: 'Create it, or correct the path under `volumes`. A remote engine mounts its own files, not those of this machine.',
  },
];
