/** Errors of drivers and sockets. */

const messages: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection closed by the server',
  EPIPE: 'connection closed by the server',
  PROTOCOL_CONNECTION_LOST: 'connection closed by the server',
  ETIMEDOUT: 'no answer to the connection',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ENOTFOUND: 'unknown host name',
};

/** An error in one line: the server's message if there is one, else what happened to the connection. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = codeOf(error);
  if (code !== undefined && Object.hasOwn(messages, code)) return messages[code] ?? code;
  if (/terminated unexpectedly|closed unexpectedly|socket hang up|Socket closed/i.test(error.message))
    return 'connection closed by the server';
  return error.message.split('\n', 1)[0] || error.name;
}

/** The `code` that a driver or the system sets on an error. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whether an error comes from a mistake in this program and not from a server's answer. */
export function isBug(error: unknown): boolean {
  return (
    !(error instanceof Error) ||
    error.message.startsWith('bug:') ||
    ['TypeError', 'RangeError', 'ReferenceError'].includes(error.name)
  );
}

/** Thrown if a service has no address on this host. */
export const unreachable = (service: string): Error =>
  new Error(`no address of ${service} can be reached from this host`);
