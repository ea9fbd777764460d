import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { EnvctlError } from '../../../model/errors.js';
import type { ProcessEnv } from '../../../model/host.js';
import { asMap } from '../../../model/json.js';
import { parseJsonMap, readDockerConfig } from './docker-config.js';

export interface Tls {
  readonly ca: Buffer | undefined;
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
  readonly verify: boolean;
}

/** The address of a Docker Engine. `origin` is the setting that it comes from, for messages. */
export type Endpoint = { readonly url: string; readonly origin: string } & (
  | { readonly kind: 'socket'; readonly socketPath: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: Tls | null }
  | { readonly kind: 'ssh'; readonly host: string }
);

interface EndpointSetting {
  readonly url: string;
  readonly origin: string;
  readonly certificates: { readonly folder: string; readonly verify: boolean } | null;
}

/**
 * The engine that the docker command would use: DOCKER_HOST, else DOCKER_CONTEXT, else `currentContext` of the docker
 * configuration, else the default socket (docs.docker.com/engine/manage-resources/contexts).
 * Throws ENGINE_UNAVAILABLE with the setting if that cannot be used.
 */
export async function findEndpoint(env: ProcessEnv): Promise<Endpoint> {
  const setting = fromHost(env) ?? (await fromContext(env));
  const { url, origin } = setting;
  const parsed = parseUrl(setting);
  if (parsed.protocol === 'unix:' || parsed.protocol === 'npipe:')
    return { url, origin, kind: 'socket', socketPath: url.slice(parsed.protocol.length + 2) };
  if (parsed.protocol === 'ssh:') return { url, origin, kind: 'ssh', host: parsed.hostname };
  if (!['tcp:', 'http:', 'https:'].includes(parsed.protocol))
    throw unusable(setting, `"${parsed.protocol}//" is not supported`);
  const tls = setting.certificates === null ? null : await readTls(setting, setting.certificates);
  const host = parsed.hostname.replace(/^\[|\]$/g, '');
  return { url, origin, kind: 'tcp', host, port: Number(parsed.port) || (tls === null ? 2375 : 2376), tls };
}

function fromHost(env: ProcessEnv): EndpointSetting | null {
  const host = env.DOCKER_HOST;
  if (!host) return null;
  const url = host.includes('://') ? host : `tcp://${host}`;
  const verify = Boolean(env.DOCKER_TLS_VERIFY);
  const usesTls = verify || Boolean(env.DOCKER_TLS);
  const folder = env.DOCKER_CERT_PATH || env.DOCKER_CONFIG || join(env.HOME || homedir(), '.docker');
  return { url, origin: 'DOCKER_HOST', certificates: usesTls ? { folder, verify } : null };
}

async function fromContext(env: ProcessEnv): Promise<EndpointSetting> {
  const { folder, config } = await readDockerConfig(env);
  const current = typeof config.currentContext === 'string' ? config.currentContext : '';
  const name = env.DOCKER_CONTEXT || current;
  if (name === '' || name === 'default') return { url: defaultUrl(), origin: 'the default socket', certificates: null };
  const origin = env.DOCKER_CONTEXT
    ? `DOCKER_CONTEXT=${name}`
    : `context "${name}", current in ${join(folder, 'config.json')}`;
  return readContext(folder, name, origin);
}

/** Contexts are stored under the SHA-256 of their names (docker/cli, cli/context/store). */
async function readContext(folder: string, name: string, origin: string): Promise<EndpointSetting> {
  const id = createHash('sha256').update(name).digest('hex');
  const text = await readFile(join(folder, 'contexts', 'meta', id, 'meta.json'), 'utf8').catch(() => '');
  const { Host: url, SkipTLSVerify: skipsVerify } = asMap(asMap(parseJsonMap(text)?.Endpoints).docker);
  if (typeof url !== 'string') {
    throw new EnvctlError('ENGINE_UNAVAILABLE', `Docker context "${name}" (from ${origin}) does not exist`, {
      hint:
        '`docker context ls` lists the contexts. To use the local engine, unset DOCKER_CONTEXT ' +
        'or run `docker context use default`.',
    });
  }
  const certificates = join(folder, 'contexts', 'tls', id, 'docker');
  const hasTls = (await readFile(join(certificates, 'ca.pem')).catch(() => null)) !== null;
  return { url, origin, certificates: hasTls ? { folder: certificates, verify: skipsVerify !== true } : null };
}

async function readTls(
  setting: EndpointSetting,
  { folder, verify }: { readonly folder: string; readonly verify: boolean },
): Promise<Tls> {
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map((file) => readFile(join(folder, file)).catch(() => undefined)),
  );
  if (verify && ca === undefined)
    throw unusable(setting, `TLS is required, but ${join(folder, 'ca.pem')} cannot be read`);
  return { ca, cert, key, verify };
}

function parseUrl(setting: EndpointSetting): URL {
  if (URL.canParse(setting.url)) return new URL(setting.url);
  throw unusable(setting, 'not an address');
}

function unusable({ url, origin }: EndpointSetting, reason: string): EnvctlError {
  return new EnvctlError('ENGINE_UNAVAILABLE', `Cannot use the Docker endpoint ${url} (from ${origin}): ${reason}`, {
    hint: 'Use unix:///path, tcp://host:port or ssh://user@host, or unset it to use the local engine.',
  });
}

function defaultUrl(): string {
  return process.platform === 'win32' ? 'npipe:////./pipe/docker_engine' : 'unix:///var/run/docker.sock';
}
