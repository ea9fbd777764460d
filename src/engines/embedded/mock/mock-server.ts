import type { Json, JsonMap } from '../../../model/json.js';
import type { JournalEntry } from './journal.js';
import type { Stubs } from './stubs.js';

export interface MockServer {
  readonly stubs: Stubs;
  readonly journal: JournalEntry[];
  /** On top of every stub's own delay. */
  delayMs: number;
  /** To be called when stubs or the delay changed. */
  readonly changed: () => Promise<void>;
}

export interface AdminReply {
  readonly statusCode: number;
  readonly json?: Json;
}

export interface AdminCall {
  readonly mock: MockServer;
  readonly id: string;
  readonly query: URLSearchParams;
  readonly body: () => Promise<JsonMap>;
}

export type AdminHandler = (call: AdminCall) => AdminReply | Promise<AdminReply>;
