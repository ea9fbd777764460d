import type { Json, JsonMap } from '../../../model/json.js';
import type { Entry } from './journal.js';
import type { Stubs } from './stubs.js';

export interface Mock {
  readonly stubs: Stubs;
  readonly journal: Entry[];
  /** On top of every stub's own delay. */
  delayMs: number;
  /** To be called when stubs or the delay changed. */
  readonly changed: () => Promise<void>;
}

export interface Reply {
  readonly statusCode: number;
  readonly json?: Json;
}

export interface Call {
  readonly mock: Mock;
  readonly id: string;
  readonly query: URLSearchParams;
  readonly body: () => Promise<JsonMap>;
}

export type Handler = (call: Call) => Reply | Promise<Reply>;
