import type { ServiceAccess } from '../../model/protocol.js';

export interface Login {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** The service's parameters `user`, `password` and `database`, else those parts of its URL, else empty strings. */
export function login(access: ServiceAccess): Login {
  const url = urlOf(access);
  const parameter = (name: string, inUrl: string): string => {
    const value = access.parameters[name];
    return value === undefined ? decodeURIComponent(inUrl) : String(value);
  };
  return {
    user: parameter('user', url?.username ?? ''),
    password: parameter('password', url?.password ?? ''),
    database: parameter('database', url?.pathname.split('/')[1] ?? ''),
  };
}

function urlOf(access: ServiceAccess): URL | null {
  const text = access.view?.url;
  return text != null && URL.canParse(text) ? new URL(text) : null;
}
