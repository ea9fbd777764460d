import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { view } from '../../src/connections/view.js';
import { builtInTemplates, loadTemplate } from '../../src/files/templates.js';
import type { Scalar } from '../../src/model/json.js';
import type { Template } from '../../src/model/profile.js';
import { substitute } from '../../src/profile/references/substitute.js';
import { loadProtocol } from '../../src/protocols/registry.js';
import { exchange } from '../../src/protocols/shared/http-exchange.js';
import { type Server, startServer, untilReady } from '../testing/real-server.js';

const run = promisify(execFile);
const plain = 'Secret4711abcDEF';
const hostile = 'pa"ss\\w rd$HOME`:@/#\'%';
const at = { file: 'template', line: 1, column: 1 };

/** The template's container as a profile starts it, with `password` as its passwords. */
async function start(
  template: Template,
  password: string,
): Promise<Server & { url: string; parameters: Record<string, Scalar> }> {
  const parameters = Object.fromEntries(
    Object.entries(template.parameters).map(([name, parameter]) => [
      name,
      parameter.secret ? password : (parameter.default ?? ''),
    ]),
  );
  const service = substitute(template.service, {
    owners: new Set(['with', 'at']),
    env: {},
    parameters: {},
    with: parameters,
    position: () => at,
  });
  const {
    image,
    command = [],
    environment = {},
    hostname,
  } = service as unknown as { image: string; command?: string[]; environment?: object; hostname?: string };
  const variables = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)]));
  const flags = [...template.data.flatMap((path) => ['--tmpfs', path]), ...(hostname ? ['--hostname', hostname] : [])];
  const server = await startServer({
    image,
    port: template.ports.main ?? 0,
    environment: variables,
    command,
    flags,
    parameters,
  });
  const { url } = view({ connection: template.connection, parameters }, { main: server.address }, '127.0.0.1');
  return { ...server, url: url ?? '', parameters };
}

const template = (name: string): Promise<Template> => loadTemplate(`${builtInTemplates}${name}.yaml`);

describe.each(['postgres', 'mariadb', 'mysql', 'redis', 'valkey', 'rabbitmq', 'wiremock', 'mockserver'])(
  'the template %s',
  (name) => {
    test('becomes ready, is reachable by its URL, and hides its password from other users of the host', async () => {
      const loaded = await template(name);
      await using server = await start(loaded, plain);
      const protocol = await loadProtocol(loaded.speaks ?? '');
      await untilReady(protocol, server.reach());
      const byUrl = server.reach({ parameters: {}, view: { url: server.url, ...server.address, ports: {}, env: {} } });
      expect(await protocol.probe(byUrl, {})).toEqual({ kind: 'ready' });
      const { stdout } = await run('docker', ['top', server.id, '-eo', 'pid,args']);
      expect(stdout.split('\n').length).toBeGreaterThan(2);
      expect(stdout).not.toContain(plain);
    }, 120_000);
  },
);

test.each(['postgres', 'mariadb', 'redis', 'rabbitmq'])(
  'the template %s accepts a password with every kind of quote',
  async (name) => {
    const loaded = await template(name);
    await using server = await start(loaded, hostile);
    const protocol = await loadProtocol(loaded.speaks ?? '');
    await untilReady(protocol, server.reach());
    const wrong = { ...server.parameters, password: 'wrong' };
    expect((await protocol.probe(server.reach({ parameters: wrong }), {})).kind).toBe('never');
  },
  120_000,
);

test('MockServer answers 404 to a request without an expectation instead of forwarding it', async () => {
  await using server = await start(await template('mockserver'), plain);
  await untilReady(await loadProtocol('mockserver'), server.reach());
  const { status } = await exchange(new URL('/nobody', server.url), { signal: AbortSignal.timeout(5000) });
  expect(status).toBe(404);
}, 60_000);
