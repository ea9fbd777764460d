import type { TemplateMap } from '../../../model/json.js';

/** The name under which containers reach the engine's host, for services with `network_mode: host`. */
export const hostAlias = 'host.docker.internal';

/** The network of a service. `isolated`: no other service can reach it. */
export type NetworkMode =
  | { readonly kind: 'own' }
  | { readonly kind: 'host' }
  | { readonly kind: 'service'; readonly service: string }
  | { readonly kind: 'isolated' };

export function networkMode(compose: TemplateMap): NetworkMode {
  const mode = compose.network_mode;
  if (typeof mode !== 'string') return { kind: 'own' };
  if (mode === 'host') return { kind: 'host' };
  if (mode.startsWith('service:')) return { kind: 'service', service: mode.slice('service:'.length) };
  return { kind: 'isolated' };
}

export function usesHostNetwork({ compose }: { readonly compose: TemplateMap }): boolean {
  return networkMode(compose).kind === 'host';
}
