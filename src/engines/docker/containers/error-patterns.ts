import type { ErrorCode } from '../../../model/errors.js';

/** Turns a known message of Compose or the engine into an error with a remedy. */
export interface ErrorPattern {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  /** The subject of the message: `engine` stays, `service` gets the service's name in front. */
  readonly about: 'engine' | 'service';
  readonly message: (match: RegExpExecArray, text: string) => string;
  readonly hint: string;
}

const hostPort = /(?:Bind for|listen tcp4?|exposing port TCP) (\S+?:\d+)/;

/** The first match counts. The texts are those of Compose 2.26 to 5 and Engine 20.10 to 29. */
export const errorPatterns: readonly ErrorPattern[] = [
  {
    pattern: /non-overlapping IPv4 address pool|predefined address pools have been fully subnetted|[Pp]ool overlaps/,
    code: 'NETWORK_FAILED',
    about: 'engine',
    message: () => 'The engine has no free subnet for another network',
    hint:
      'Take down instances you no longer need (`envctl ls`), remove other networks (`docker network ls`), ' +
      "or widen `default-address-pools` in the engine's daemon.json.",
  },
  {
    pattern: /container name "\/?([^"]+)" is already in use/,
    code: 'NETWORK_FAILED',
    about: 'engine',
    message: ([, name]) => `The container name "${name}" is already in use by a container that is not envctl's`,
    hint: 'Rename or remove that container (`docker ps -a` lists it), or use another instance name with -i.',
  },
  {
    pattern: /network (\S+) was found but has incorrect label|volume (\S+) (?:already exists|exists but)/,
    code: 'NETWORK_FAILED',
    about: 'engine',
    message: ([, network, volume]) =>
      network === undefined
        ? `The volume "${volume}" exists and is not envctl's`
        : `The network "${network}" exists and is not envctl's`,
    hint:
      'Rename or remove it (`docker network ls`, `docker volume ls`), ' +
      'or declare it `external: true` to use it unchanged.',
  },
  {
    pattern: /no space left on device/,
    code: 'SERVICE_FAILED',
    about: 'engine',
    message: () => "The engine's disk is full",
    hint: '`docker system df` shows what uses the space.',
  },
  {
    pattern: /port is already allocated|address already in use|ports are not available/,
    code: 'PORT_TAKEN',
    about: 'engine',
    message: (_, text) => `A host port is already in use: ${hostPort.exec(text)?.[1] ?? text}`,
    hint: 'Free that port, or leave the host port out and envctl chooses one.',
  },
  {
    pattern: /cannot assign requested address/,
    code: 'PORT_TAKEN',
    about: 'engine',
    message: () => 'The engine cannot publish ports on the configured address',
    hint: "Set ENVCTL_HOST to an address of the engine's machine.",
  },
  {
    pattern: /No such image: (\S+)|pull access denied for (\S+?),/,
    code: 'IMAGE_MISSING',
    about: 'engine',
    message: ([, missing, denied]) => `Image ${missing ?? denied} is missing`,
    hint: 'Run `envctl up` again: it pulls and builds images first.',
  },
  {
    pattern:
      /executable file not found|no such file or directory: unknown|permission denied: unknown|exec format error/,
    code: 'SERVICE_FAILED',
    about: 'service',
    message: () => 'the image cannot run its command',
    hint: 'Check that `command`, `entrypoint` and `working_dir` exist in the image.',
  },
  {
    pattern: /bind source path does not exist: (.+)/,
    code: 'SERVICE_FAILED',
    about: 'service',
    message: ([, path]) => `the file or folder that it mounts does not exist: ${path}`,
    hint:
      'Create it, or correct the path under `volumes`. ' +
      'A remote engine mounts files of its own machine, not of this one.',
  },
];
