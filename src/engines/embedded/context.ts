import type { EventEmitter } from 'node:events';

export interface EmbeddedOptions {
  /** This process's environment; PATH, HOME and the like are passed on from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute folder with one folder per instance. */
  readonly stateDir: string;
  /** Absolute folder for what is made once and copied: server programs, template data folders. */
  readonly cacheDir: string;
  /** The Node.js that runs the mock server. */
  readonly nodePath: string;
  /** Compiled program of the mock server; by default the one next to this file. */
  readonly mockProgram?: string;
  /** Directories searched for servers after PATH; by default those that distributions install to. */
  readonly programFolders?: readonly string[];
}

/** Passed to every part of this engine. */
export interface EmbeddedContext extends EmbeddedOptions {
  /** Emits `exit` with an instance id when a program that this process started has ended. */
  readonly exits: EventEmitter;
  /** Servers found so far; see `findServer`. */
  readonly foundServers: Map<string, unknown>;
}

/** One replica of a service of an instance. */
export interface Replica {
  readonly instance: string;
  readonly service: string;
  readonly replica: number;
}
