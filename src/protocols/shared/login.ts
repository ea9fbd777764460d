import type { ServiceAccess } from '../../model/protocol.js';

export interface Login {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/**
 * Who to log in as: the service's parameters `user`, `password` and `database`; where a template names them otherwise, its URL says them.
 * Empty strings stand for what neither says.
 */
export function login(reach: ServiceAccess): Login {
  const url = urlOf(reach);
  const parameter = (name: string, written: string): string => {
    const value = reach.parameters[name];
    return value === undefined ? decodeURIComponent(written) : String(value);
  };
  return {
    user: parameter('user', url?.username ?? ''),
    password: parameter('password', url?.password ?? ''),
    database: parameter('database', url?.pathname.split('/')[1] ?? ''),
  };
}

function urlOf(reach: ServiceAccess): URL | null {
  const text = reach.view?.url;
  return text != null && URL.canParse(text) ? new URL(text) : null;
}
