/** Part of a mapping that this server does not support. `pointer`: a JSON pointer (RFC 6901) into the request body. */
export interface Refusal extends Error {
  readonly pointer: string;
}

export function refuse(pointer: string, detail: string): never {
  throw Object.assign(new Error(detail), { pointer });
}

export const isRefusal = (error: unknown): error is Refusal => error instanceof Error && 'pointer' in error;
