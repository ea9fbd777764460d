/** The declaration of a kind of server that can run as a process; each has one file in this folder. */
import { EnvctlError } from '../../../model/errors.js';
import type { Scalar } from '../../../model/json.js';
import type { EmbeddedContext } from '../context.js';
import type { PortNumbers } from '../state/ports.js';

/** A service that asks for a server. */
export interface ServerRequest {
  readonly service: string;
  /** `with.*`, secrets included. */
  readonly parameters: Readonly<Record<string, Scalar>>;
  /** Absolute project folder; its `node_modules` is searched. */
  readonly project: string;
  /**
   * Variables of programs that prepare or fill something; they mark the processes, so that `remove` finds leftovers.
   */
  readonly env: Readonly<Record<string, string>>;
}

/** One replica of a server. */
export interface ServerReplica {
  /** Folder for its data; exists, and is empty when `fill` is called. */
  readonly store: string;
  /** Folder for files that are written at each start, such as configuration with passwords (mode 0600); exists. */
  readonly scratch: string;
  readonly ports: PortNumbers;
  readonly request: ServerRequest;
}

export interface LaunchCommand {
  /** Must not contain secrets: every user of this machine can read it. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Unprivileged user to run as; null: the caller. */
  readonly user: UnixUser | null;
}

export interface UnixUser {
  readonly uid: number;
  readonly gid: number;
}

/** `Tool` is what `find` found on this machine. */
export interface Server<Tool> {
  /** The values of `process: { run: … }` that mean this server. */
  readonly names: readonly string[];
  /** Looks for the programs it needs and starts nothing but `--version`. Throws ENGINE_CANNOT_RUN. */
  find(context: EmbeddedContext, request: ServerRequest): Tool | Promise<Tool>;
  /** The product and version that runs, if it is not the requested one; null: it is. */
  differs?(tool: Tool, request: ServerRequest): string | null;
  /** Ports it needs in addition to those of its template. */
  readonly extraPorts?: readonly string[];
  /** Makes what new stores are copied from, once per machine. Slow the first time. */
  prepare?(context: EmbeddedContext, tool: Tool, request: ServerRequest): Promise<void>;
  /** Fills a new store; if it throws, the store stays empty. */
  fill?(context: EmbeddedContext, tool: Tool, replica: ServerReplica): Promise<void>;
  /** The command that runs it. Called only after all processes of an earlier run have ended. */
  launch(context: EmbeddedContext, tool: Tool, replica: ServerReplica): LaunchCommand | Promise<LaunchCommand>;
  /** Asks it to end; SIGTERM by default. */
  readonly stopSignal?: 'SIGINT';
  /**
   * Matches the command lines of its processes that leave their group and hide their environment. They are found by
   * their working directory.
   */
  readonly hiddenProcesses?: RegExp;
  /** Matches the command lines of its processes that get SIGQUIT before SIGKILL, to free what the kernel would not. */
  readonly quitBeforeKill?: RegExp;
}

/** A parameter as text; `fallback` if it is missing or empty. */
export function parameter(request: ServerRequest, name: string, fallback: string): string {
  const value = request.parameters[name];
  return value === undefined || value === '' ? fallback : String(value);
}

/** `hint`: how to install or fix what is missing. */
export function cannotRun(request: Pick<ServerRequest, 'service'>, missing: string, hint: string): EnvctlError {
  return new EnvctlError('ENGINE_CANNOT_RUN', `"${request.service}" cannot run without Docker here: ${missing}`, {
    hint,
    service: request.service,
  });
}
