import type { JsonMap } from '../../../model/json.js';

/** Under this name containers reach the machine that the engine runs on, where a service shares its network. */
export const hostAlias = 'host.docker.internal';

/** Whose network a service lives in: its own, the host's, another service's, or none that others could reach. */
export type NetworkMode =
  | { readonly kind: 'own' }
  | { readonly kind: 'host' }
  | { readonly kind: 'service'; readonly service: string }
  | { readonly kind: 'apart' };

export function networkMode(compose: JsonMap): NetworkMode {
  const mode = compose.network_mode;
  if (typeof mode !== 'string') return { kind: 'own' };
  if (mode === 'host') return { kind: 'host' };
  if (mode.startsWith('service:')) return { kind: 'service', service: mode.slice('service:'.length) };
  return { kind: 'apart' };
}

export function usesHostNetwork({ compose }: { readonly compose: JsonMap }): boolean {
  return networkMode(compose).kind === 'host';
}
