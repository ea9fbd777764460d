import { parseImageReference } from '../../../model/image-reference.js';
import { runProcess } from '../../../processes/run-process.js';
import { type ProcessEnvironment, readDockerConfig } from '../api/endpoint.js';

const dockerHub = 'https://index.docker.io/v1/';

/**
 * The X-Registry-Auth value for pulling an image, as `docker pull` would send it: from the configuration's `credHelpers`, `credsStore` or
 * `auths` (docs.docker.com/reference/cli/docker/login); null: anonymous.
 */
export async function credentialsFor(
  reference: string,
  env: ProcessEnvironment,
  signal: AbortSignal,
): Promise<string | null> {
  const { config } = await readDockerConfig(env);
  const server = parseImageReference(reference).host ?? dockerHub;
  const helper = text(section(config, 'credHelpers')[server]) ?? text(config.credsStore);
  const found =
    (helper === null ? null : await askHelper(helper, server, { env, signal })) ??
    stored(section(config, 'auths'), server);
  // URL-safe, but padded: the engine refuses Node's `base64url` without a word.
  return found === null
    ? null
    : Buffer.from(JSON.stringify(found)).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

type Credentials =
  | { readonly username: string; readonly password: string; readonly serveraddress: string }
  | { readonly identitytoken: string; readonly serveraddress: string };

/** Helpers read the server from stdin and answer JSON (github.com/docker/docker-credential-helpers). */
async function askHelper(
  helper: string,
  server: string,
  at: { readonly env: ProcessEnvironment; readonly signal: AbortSignal },
): Promise<Credentials | null> {
  const result = await runProcess([`docker-credential-${helper}`, 'get'], { ...at, stdin: server, timeoutMs: 10_000 });
  if (result.exitCode !== 0) return null;
  const answer = JSON.parse(result.stdout) as { readonly Username?: string; readonly Secret?: string };
  const secret = answer.Secret ?? '';
  return answer.Username === '<token>'
    ? { identitytoken: secret, serveraddress: server }
    : { username: answer.Username ?? '', password: secret, serveraddress: server };
}

/** Keys of `auths` may be written with or without a scheme and path. */
function stored(auths: Readonly<Record<string, unknown>>, server: string): Credentials | null {
  const bare = (name: string): string =>
    name === dockerHub ? name : name.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  const entry = Object.entries(auths).find(([name]) => bare(name) === server)?.[1];
  const token = text(section({ entry }, 'entry').identitytoken);
  if (token !== null) return { identitytoken: token, serveraddress: server };
  const auth = Buffer.from(text(section({ entry }, 'entry').auth) ?? '', 'base64').toString('utf8');
  const colon = auth.indexOf(':');
  return colon < 1
    ? null
    : { username: auth.slice(0, colon), password: auth.slice(colon + 1).replace(/\0+$/, ''), serveraddress: server };
}

function section(config: Readonly<Record<string, unknown>>, key: string): Readonly<Record<string, unknown>> {
  const value = config[key];
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
