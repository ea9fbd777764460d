/** A minimal client of the Docker Engine's HTTP API, independent of envctl. */
import { spawnSync } from 'node:child_process';
import { Agent, request } from 'node:http';

const callMs = 60_000;

/** The endpoint of the docker command: `{ socketPath }` or `{ host, port }`. Throws for TLS and SSH, which are not supported. */
export function findEngine() {
  const asked = spawnSync('docker', ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  const url = process.env.DOCKER_HOST || asked.stdout?.trim() || 'unix:///var/run/docker.sock';
  if (url.startsWith('unix://')) return { socketPath: url.slice('unix://'.length) };
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== 'tcp:' || process.env.DOCKER_TLS_VERIFY)
    throw new Error(`the benchmark needs an engine on a unix socket or plain TCP, not ${url}`);
  return { host: hostname, port: Number(port || 2375) };
}

/** `call` resolves with the answer's JSON (null: none) and throws on any status from 400 that `accept` does not list; `stream` with the open response. */
export function openEngine(at) {
  const agent = new Agent({ keepAlive: true });
  const send = (method, path, { body, timeout, use } = {}) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers =
        text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
      const sent = request({ ...at, agent: use ?? agent, method, path, headers, timeout: timeout ?? 0 }, resolve);
      sent.on('timeout', () => sent.destroy(new Error(`the engine does not answer ${method} ${path}`)));
      sent.on('error', reject);
      sent.end(text);
    });
  return {
    call: async (method, path, { body, accept = [] } = {}) => {
      const response = await send(method, path, { body, timeout: callMs });
      const text = await textOf(response);
      if (response.statusCode >= 400 && !accept.includes(response.statusCode))
        throw new Error(`${method} ${path}: ${response.statusCode} ${text.trim()}`);
      return text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : null;
    },
    stream: (path) => send('GET', path, { use: false }),
    close: () => agent.destroy(),
  };
}

export async function textOf(response) {
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

export const filters = (wanted) => `filters=${encodeURIComponent(JSON.stringify(wanted))}`;

export const ofProject = (project) => filters({ label: [`com.docker.compose.project=${project}`] });

/** Everything of a project, as `kind name` and the path that deletes it. Volumes without a label are known by their name's start. */
export async function objectsOf(engine, project) {
  const [containers, networks, { Volumes: volumes }] = await Promise.all([
    engine.call('GET', `/containers/json?all=1&${ofProject(project)}`),
    engine.call('GET', `/networks?${ofProject(project)}`),
    engine.call('GET', `/volumes?${filters({ name: [`${project}_`] })}`),
  ]);
  return [
    ...containers.map(({ Id, Names }) => ({ name: `container ${Names[0]}`, path: `/containers/${Id}?force=1&v=1` })),
    ...networks.map(({ Id, Name }) => ({ name: `network ${Name}`, path: `/networks/${Id}` })),
    ...(volumes ?? [])
      .filter(({ Name }) => Name.startsWith(`${project}_`))
      .map(({ Name }) => ({ name: `volume ${Name}`, path: `/volumes/${Name}?force=1` })),
  ];
}

/** Removes the leftovers of a contender by its project label: containers first, then networks and volumes. */
export async function removeProject(engine, project) {
  const objects = await objectsOf(engine, project);
  const remove = (kind) =>
    Promise.all(objects.filter(({ name }) => name.startsWith(kind)).map(({ path }) => removeObject(engine, path)));
  await remove('container');
  await Promise.all([remove('network'), remove('volume')]);
}

const removeMs = 10_000;

/** The engine releases networks and volumes a moment after the container. */
async function removeObject(engine, path) {
  for (const deadline = performance.now() + removeMs; ; await pause(100)) {
    try {
      return await engine.call('DELETE', path, { accept: [404] });
    } catch (error) {
      if (performance.now() > deadline || !/active endpoints|in use|in progress/.test(error.message)) throw error;
    }
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
