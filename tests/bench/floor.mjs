/**
 * The floor: what the same environment costs when no tool is around it. `node floor.mjs up|down <spec.json>`, where the spec holds
 * container bodies as envctl made them, envctl's own plan and the seed files. Nothing is read, resolved, checked, locked, shown or rechecked.
 */
import { readFileSync } from 'node:fs';
import { openEngine, removeProject } from './engine.mjs';
import { open, seed } from './floor-services.mjs';
import { now } from './wire.mjs';

const [verb, file] = process.argv.slice(2);
const spec = JSON.parse(readFileSync(file, 'utf8'));
const engine = openEngine(spec.engine);
const done = {};

/** Every node of the plan the moment what it waits for is done. */
async function up() {
  const nodes = new Map(spec.nodes.map((node) => [node.id, node]));
  const running = new Map();
  const carry = (id) => {
    if (!running.has(id)) running.set(id, carryOut(nodes.get(id)));
    return running.get(id);
  };
  const carryOut = async (node) => {
    await Promise.all(node.after.map(carry));
    await steps[node.step](node);
    done[node.id] = now();
  };
  await Promise.all([...nodes.keys()].map(carry));
}

const created = new Map();
const started = new Map();

const steps = {
  /** Only the network is waited for: each container starts when it is there itself, those that start at once first. */
  create: async ({ services }) => {
    const labels = { 'com.docker.compose.project': spec.project };
    await engine.call('POST', '/networks/create', { body: { Name: spec.network, Labels: labels } });
    const waiting = services.filter((name) => !startsAtOnce(name));
    const first = services.filter(startsAtOnce).map(create);
    await first[0];
    waiting.map(create);
  },
  start: async ({ service }) => {
    const id = await created.get(service);
    await engine.call('POST', `/containers/${id}/start`);
    const published = Object.keys(spec.containers[service].body.HostConfig.PortBindings ?? {}).length > 0;
    started.set(service, published ? await engine.call('GET', `/containers/${id}/json`) : { Id: id });
  },
  gate: async ({ service }) => {
    await Promise.all(spec.containers[service].probes.map((probe) => open(probe, started.get(service), engine)));
  },
  seed: async ({ service }) => {
    for (const step of spec.containers[service].seeds) await seed(step, started.get(service));
  },
  recheck: async () => {},
};

const startsAtOnce = (service) =>
  spec.nodes.some((node) => node.id === `start:${service}` && node.after.every((id) => id === 'create'));

function create(service) {
  const { body } = spec.containers[service];
  const id = engine.call('POST', `/containers/create?name=${spec.project}-${service}`, { body }).then(({ Id }) => Id);
  created.set(service, id);
  return id;
}

if (verb === 'up') await up();
else await removeProject(engine, spec.project);
process.stdout.write(`${JSON.stringify({ done })}\n`);
process.exit(0);
