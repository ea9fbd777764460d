import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { EnvctlError } from '../../../model/errors.js';

export type ProcessEnvironment = Readonly<Record<string, string | undefined>>;

export interface Tls {
  readonly ca: Buffer | undefined;
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
  readonly verify: boolean;
}

/** Where the Docker Engine answers, and who said so. */
export type Endpoint = { readonly url: string; readonly origin: string } & (
  | { readonly kind: 'socket'; readonly socketPath: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: Tls | null }
  | { readonly kind: 'ssh'; readonly host: string }
);

interface Setting {
  readonly url: string;
  readonly origin: string;
  readonly certificates: { readonly folder: string; readonly verify: boolean } | null;
}

/**
 * The engine that the docker command itself would use: DOCKER_HOST, else DOCKER_CONTEXT, else `currentContext` of the
 * docker configuration, else the default socket (docs.docker.com/engine/manage-resources/contexts).
 * Throws ENGINE_UNAVAILABLE naming the setting that cannot be followed.
 */
export async function findEndpoint(env: ProcessEnvironment): Promise<Endpoint> {
  const setting = fromHost(env) ?? (await fromContext(env));
  const at = { url: setting.url, origin: setting.origin };
  const url = asUrl(setting);
  if (url.protocol === 'unix:' || url.protocol === 'npipe:')
    return { ...at, kind: 'socket', socketPath: setting.url.slice(url.protocol.length + 2) };
  if (url.protocol === 'ssh:') return { ...at, kind: 'ssh', host: url.hostname };
  if (!['tcp:', 'http:', 'https:'].includes(url.protocol))
    throw unusable(setting, `"${url.protocol}//" is not a way to reach an engine`);
  const tls = setting.certificates === null ? null : await readTls(setting);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { ...at, kind: 'tcp', host, port: Number(url.port) || (tls === null ? 2375 : 2376), tls };
}

/** The docker configuration folder and what its `config.json` says; `{}` where there is none. */
export async function readDockerConfig(
  environment: ProcessEnvironment,
): Promise<{ readonly folder: string; readonly config: Record<string, unknown> }> {
  const folder = environment.DOCKER_CONFIG || join(environment.HOME || homedir(), '.docker');
  const text = await readFile(join(folder, 'config.json'), 'utf8').catch(() => '{}');
  const config = parseObject(text);
  if (config !== null) return { folder, config };
  throw new EnvctlError('ENGINE_UNAVAILABLE', `${join(folder, 'config.json')} is not valid JSON`, {
    hint: 'Mend or remove that file; docker itself cannot read it either.',
  });
}

function fromHost(env: ProcessEnvironment): Setting | null {
  const host = env.DOCKER_HOST;
  if (!host) return null;
  const url = host.includes('://') ? host : `tcp://${host}`;
  const verify = Boolean(env.DOCKER_TLS_VERIFY);
  const wanted = verify || Boolean(env.DOCKER_TLS);
  const folder = env.DOCKER_CERT_PATH || env.DOCKER_CONFIG || join(env.HOME || homedir(), '.docker');
  return { url, origin: 'DOCKER_HOST', certificates: wanted ? { folder, verify } : null };
}

async function fromContext(env: ProcessEnvironment): Promise<Setting> {
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
async function readContext(folder: string, name: string, origin: string): Promise<Setting> {
  const id = createHash('sha256').update(name).digest('hex');
  const text = await readFile(join(folder, 'contexts', 'meta', id, 'meta.json'), 'utf8').catch(() => null);
  const docker = member(member(text === null ? null : parseObject(text), 'Endpoints'), 'docker');
  const url = docker?.Host;
  if (typeof url !== 'string') {
    throw new EnvctlError('ENGINE_UNAVAILABLE', `There is no Docker context "${name}" (from ${origin})`, {
      hint: '`docker context ls` lists them; unset DOCKER_CONTEXT or run `docker context use default` to use the local engine.',
    });
  }
  const certificates = join(folder, 'contexts', 'tls', id, 'docker');
  const hasTls = (await readFile(join(certificates, 'ca.pem')).catch(() => null)) !== null;
  return {
    url,
    origin,
    certificates: hasTls ? { folder: certificates, verify: docker?.SkipTLSVerify !== true } : null,
  };
}

async function readTls(setting: Setting): Promise<Tls> {
  const { folder, verify } = setting.certificates ?? { folder: '', verify: false };
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map((file) => readFile(join(folder, file)).catch(() => undefined)),
  );
  if (verify && ca === undefined)
    throw unusable(setting, `TLS is asked for, but ${join(folder, 'ca.pem')} cannot be read`);
  return { ca, cert, key, verify };
}

function asUrl(setting: Setting): URL {
  if (URL.canParse(setting.url)) return new URL(setting.url);
  throw unusable(setting, 'that is not an address');
}

function unusable(setting: Setting, why: string): EnvctlError {
  return new EnvctlError(
    'ENGINE_UNAVAILABLE',
    `Cannot use the Docker endpoint ${setting.url} (from ${setting.origin}): ${why}`,
    {
      hint: 'Use unix:///path, tcp://host:port or ssh://user@host, or unset it to use the local engine.',
    },
  );
}

function defaultUrl(): string {
  return process.platform === 'win32' ? 'npipe:////./pipe/docker_engine' : 'unix:///var/run/docker.sock';
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function member(value: Record<string, unknown> | null, key: string): Record<string, unknown> | null {
  const found = value?.[key];
  return isObject(found) ? found : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
