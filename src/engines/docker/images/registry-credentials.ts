import type { ProcessEnv } from '../../../model/host.js';
import { parseImageReference } from '../../../model/image-reference.js';
import { asMap, type Json, type JsonMap } from '../../../model/json.js';
import { runProcess } from '../../../processes/run-process.js';
import { parseJsonMap, readDockerConfig } from '../api/docker-config.js';
import { splitPair } from '../pairs.js';

const dockerHub = 'https://index.docker.io/v1/';

/**
 * The X-Registry-Auth header that `docker pull` would send, from `credHelpers`, `credsStore` or `auths` of the docker
 * configuration (docs.docker.com/reference/cli/docker/login). Null: anonymous.
 */
export async function credentialsFor(reference: string, env: ProcessEnv, signal: AbortSignal): Promise<string | null> {
  const { config } = await readDockerConfig(env);
  const server = parseImageReference(reference).host ?? dockerHub;
  const helper = nonEmpty(asMap(config.credHelpers)[server]) ?? nonEmpty(config.credsStore);
  const credentials =
    (helper === null ? null : await runHelper(helper, server, { env, signal })) ??
    storedCredentials(asMap(config.auths), server);
  return credentials === null ? null : headerValue(credentials);
}

type RegistryCredentials = { readonly serveraddress: string } & (
  | { readonly username: string; readonly password: string }
  | { readonly identitytoken: string }
);

/** URL-safe but padded: the engine silently ignores Node's unpadded `base64url`. */
function headerValue(credentials: RegistryCredentials): string {
  return Buffer.from(JSON.stringify(credentials)).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

/** Helpers read the server from stdin and print JSON (github.com/docker/docker-credential-helpers). */
async function runHelper(
  helper: string,
  server: string,
  options: { readonly env: ProcessEnv; readonly signal: AbortSignal },
): Promise<RegistryCredentials | null> {
  const argv = [`docker-credential-${helper}`, 'get'];
  const result = await runProcess(argv, { ...options, stdin: server, timeoutMs: 10_000 });
  if (result.exitCode !== 0) return null;
  const { Username: username, Secret: secret } = parseJsonMap(result.stdout) ?? {};
  return username === '<token>'
    ? { identitytoken: String(secret ?? ''), serveraddress: server }
    : { username: String(username ?? ''), password: String(secret ?? ''), serveraddress: server };
}

function storedCredentials(auths: JsonMap, server: string): RegistryCredentials | null {
  const entry = asMap(Object.entries(auths).find(([key]) => serverOf(key) === server)?.[1]);
  const token = nonEmpty(entry.identitytoken);
  if (token !== null) return { identitytoken: token, serveraddress: server };
  const auth = Buffer.from(nonEmpty(entry.auth) ?? '', 'base64').toString('utf8');
  const [username, password] = splitPair(auth, ':');
  return username === '' || password === null
    ? null
    : { username, password: password.replace(/\0+$/, ''), serveraddress: server };
}

/** Keys of `auths` may have a scheme and a path. */
function serverOf(key: string): string {
  return key === dockerHub ? key : key.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
}

function nonEmpty(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
