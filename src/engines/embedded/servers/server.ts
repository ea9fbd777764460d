/** What it takes to run a kind of server as a process: one file of this folder each. */

import { EnvctlError } from '../../../model/errors.js';
import type { Scalar } from '../../../model/json.js';
import type { EmbeddedContext } from '../context.js';
import type { Ports } from '../ports.js';

/** Who asks for a server. */
export interface ServerRequest {
  readonly service: string;
  /** `with.*`, secrets included. */
  readonly parameters: Readonly<Record<string, Scalar>>;
  /** Absolute folder of the project, whose `node_modules` are looked into. */
  readonly project: string;
  /** Environment of programs that prepare or fill something; it holds the mark by which `remove` finds what a killed call left running. */
  readonly env: Readonly<Record<string, string>>;
}

/** Where one replica of a server lives. */
export interface ServerDirectories {
  /** Its data; exists and is empty when `fill` is called. */
  readonly store: string;
  /** For files that each start writes anew (0600 ones, too); exists. */
  readonly scratch: string;
  readonly ports: Ports;
  readonly asker: ServerRequest;
}

export interface Launch {
  /** Never holds a secret: everybody on this machine may read it. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Unprivileged user to run as; null: as the caller. */
  readonly user: User | null;
}

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** `Tool` is what was found on this machine. */
export interface Server<Tool> {
  /** Names under which templates ask for it (`process: { run: … }`). */
  readonly names: readonly string[];
  /** Looks for what it needs, starts nothing. Throws ENGINE_CANNOT_RUN. */
  find(world: EmbeddedContext, asker: ServerRequest): Tool | Promise<Tool>;
  /** What runs differs from what was asked for, in words; null: it does not. */
  differs?(tool: Tool, asker: ServerRequest): string | null;
  /** Ports it needs beside those of its template. */
  readonly extraPorts?: readonly string[];
  /** Makes what new stores are copied from, once per machine. Slow the first time. */
  prepare?(world: EmbeddedContext, tool: Tool, asker: ServerRequest): Promise<void>;
  /** Fills a new store: all or, where it throws, nothing that would be kept. */
  fill?(world: EmbeddedContext, tool: Tool, place: ServerDirectories): Promise<void>;
  /** How to run it. No process of an earlier run is left when this is called. */
  launch(world: EmbeddedContext, tool: Tool, place: ServerDirectories): Launch | Promise<Launch>;
  /** What asks it to end; SIGTERM where left out. */
  readonly stopSignal?: 'SIGINT';
}

/** A parameter as text; `fallback` where the template has none of that name, or an empty one. */
export function parameter(asker: ServerRequest, name: string, fallback: string): string {
  const value = asker.parameters[name];
  return value === undefined || value === '' ? fallback : String(value);
}

/** What is missing and what would mend it. */
export function cannotRun(asker: Pick<ServerRequest, 'service'>, missing: string, remedy: string): EnvctlError {
  return new EnvctlError('ENGINE_CANNOT_RUN', `"${asker.service}" cannot run without Docker here: ${missing}`, {
    hint: remedy,
    service: asker.service,
  });
}
