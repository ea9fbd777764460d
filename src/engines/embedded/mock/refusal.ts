/** A mapping that this server would not answer as WireMock does. `pointer` is a JSON pointer (RFC 6901) into the request's body. */
export interface Refusal extends Error {
  readonly pointer: string;
}

export function refuse(pointer: string, detail: string): never {
  throw Object.assign(new Error(detail), { pointer });
}

export const isRefusal = (error: unknown): error is Refusal => error instanceof Error && 'pointer' in error;
