/** Inspects one untimed `envctl up`: the settings that the other contenders share, and the request bodies of the floor. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checked } from './command.mjs';
import { ofProject, removeProject } from './engine.mjs';
import { root } from './paths.mjs';

const profile = 'shop';

/** envctl's command line for the shop under test; `instance` keeps it apart from anybody's own. */
export function envctlCommand(verb, { instance, images }) {
  const environment = { ...process.env, ...(images ? { ENVCTL_IMAGES: images } : {}) };
  return {
    argv: [process.execPath, join(root, 'bin/envctl.js'), ...verb, profile, '-i', instance],
    cwd: root,
    environment,
  };
}

export const upVerb = (storage) => ['up', '--engine', 'compose', '--storage', storage, '--progress', 'json'];
export const downVerb = ['down', '--engine', 'compose', '--progress', 'quiet'];

/**
 * Resolves with { id, storage, nodes, services, containers }: envctl's plan, its services as `config` shows them, and each container
 * as the engine inspects it. The instance is removed afterwards; its image stays.
 */
export async function render(engine, { instance, images, storage, onProject }) {
  const ask = async (...verb) => (await checked(envctlCommand(verb, { instance, images }))).stdout;
  const plan = JSON.parse(await ask('plan', '--output', 'json'));
  onProject(() => removeProject(engine, plan.instance));
  const { services } = JSON.parse(await ask('config', '--output', 'json'));
  try {
    await checked(envctlCommand(upVerb(storage), { instance, images }));
    const listed = await engine.call('GET', `/containers/json?all=1&${ofProject(plan.instance)}`);
    const inspected = await Promise.all(listed.map(({ Id }) => engine.call('GET', `/containers/${Id}/json`)));
    const containers = Object.fromEntries(
      inspected.map((container) => [container.Config.Labels['envctl.service'], container]),
    );
    return { id: plan.instance, storage, nodes: plan.nodes, services, containers };
  } finally {
    await checked(envctlCommand(downVerb, { instance, images }));
  }
}

/** The questions of the prober to each service of envctl. The numbers come from the seed files. */
export function questionsOf({ services }) {
  const asked = services.filter(({ once }) => once !== 'yes').map((service) => [service.name, questionOf(service)]);
  return Object.fromEntries(asked);
}

function questionOf({ gate, seed }) {
  const [probe] = gate.probes;
  const files = seed.steps.map(({ file }) => file);
  if (probe.kind === 'log') return { kind: 'log', pattern: probe.pattern };
  if (probe.protocol === 'postgres') return database;
  if (probe.protocol === 'redis')
    return { kind: 'redis', keys: Object.keys(JSON.parse(readFileSync(files[0], 'utf8'))) };
  if (probe.protocol === 'mockserver')
    return { kind: 'mockserver', expectations: JSON.parse(readFileSync(files[0], 'utf8')).length };
  return { kind: 'http', path: probe.options.path };
}

const database = {
  kind: 'postgres',
  ready: "SELECT to_regclass('products') IS NOT NULL AND to_regclass('shipping_methods') IS NOT NULL",
  holds: `SELECT (SELECT count(*) FROM products) = 1000 AND (SELECT count(*) FROM categories) > 0
             AND (SELECT count(*) FROM shipping_methods) > 0 AND (SELECT count(*) FROM django_migrations) > 0`,
};

/** The floor's spec: envctl's containers under another project's name, without labels and ids. */
export function floorSpec(rendered, { engine, project }) {
  const network = `${project}_default`;
  const services = Object.fromEntries(rendered.services.map((service) => [service.name, service]));
  const entries = Object.entries(rendered.containers).map(([name, container]) => {
    const { gate, seed } = services[name];
    return [
      name,
      { body: bodyOf(container, { name, rendered, project, network }), probes: gate.probes, seeds: seed.steps },
    ];
  });
  return { engine, project, network, nodes: rendered.nodes, containers: Object.fromEntries(entries) };
}

function bodyOf({ Config, HostConfig }, { name, rendered, project, network }) {
  const { Hostname: _, Labels: __, ...config } = Config;
  const labels = { 'com.docker.compose.project': project, 'com.docker.compose.service': name };
  // Volumes, too: with envctl's own, the next round would start from a filled store.
  const own = JSON.parse(JSON.stringify(HostConfig).replaceAll(`${rendered.id}_`, `${project}_`));
  const networking = { EndpointsConfig: { [network]: { Aliases: [name] } } };
  return { ...config, Labels: labels, HostConfig: { ...own, NetworkMode: network }, NetworkingConfig: networking };
}

/** The stores of an envctl container: `{ type, path, options }` of tmpfs and `{ type, path, name }` of volumes. */
export function storesOf({ HostConfig }) {
  const { Tmpfs, Mounts, Binds } = HostConfig;
  const memory = Object.entries(Tmpfs ?? {}).map(([path, options]) => ({ type: 'tmpfs', path, options }));
  const disk = (Mounts ?? []).map(({ Type, Source, Target }) => ({ type: Type, path: Target, name: Source }));
  const unknown = [...(Binds ?? []), ...disk.filter(({ type }) => type !== 'volume').map(({ path }) => path)];
  if (unknown.length > 0) throw new Error(`the benchmark cannot give ${unknown.join(', ')} to the other contenders`);
  return [...memory, ...disk];
}
