import type { Json, JsonMap } from '../../../model/json.js';
import type { JournalEntry } from './journal.js';
import type { Stubs } from './stubs.js';

export interface MockServer {
  readonly stubs: Stubs;
  readonly journal: JournalEntry[];
  /** Added to the delay of each stub. */
  delayMs: number;
  /** Must be called after stubs or the delay have changed. */
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
