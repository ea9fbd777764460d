/** Docker Compose as a contender: the shop's own Compose files, made equal to envctl's rendering in everything but how the start is conducted. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checked } from './command.mjs';
import { shop } from './paths.mjs';
import { storesOf } from './render.mjs';

/** Compose's services by envctl's names. */
const names = {
  db: 'postgres',
  cache: 'redis',
  migrate: 'migrate',
  app: 'app',
  worker: 'celery-worker',
  beat: 'celery-beat',
  payment: 'mock-payment-service',
  shipping: 'mock-shipping-service',
  email: 'mock-email-service',
};

/** Seed jobs by the store whose image they use. */
const jobs = { 'seed-database': 'db', 'seed-cache': 'cache' };

/** Who waits for the seeds in envctl's profile waits for them here. */
const seeded = ['app', 'celery-worker', 'celery-beat'];

/** envctl's Redis is given a password by a shell; the file's has none, and gets the same settings as options. */
const commands = { redis: ['redis-server', '--save', '', '--appendonly', 'no'] };

/** Questions of envctl's services, under Compose's names. */
export const renamed = (questions) =>
  Object.fromEntries(Object.entries(questions).map(([name, question]) => [names[name], question]));

/** Writes the contender's file and resolves with its command lines. `files` are named relative to the shop's folder. */
export async function rival(rendered, { project, files, folder, downOptions }) {
  const compose = ['docker', 'compose', '-p', project, '--project-directory', shop];
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('COMPOSE_')));
  const { stdout } = await checked({
    argv: [...compose, ...files.flatMap((file) => ['-f', join(shop, file)]), 'config', '--format', 'json'],
    cwd: shop,
    environment,
  });
  const path = join(folder, `${project}.json`);
  writeFileSync(path, JSON.stringify(equalised(JSON.parse(stdout), rendered)));
  const command = (...words) => ({ argv: [...compose, '-f', path, ...words], cwd: shop, environment });
  return { up: command('up', '--wait'), down: command('down', '--volumes', ...downOptions) };
}

/** Same images by id, same commands and flags, same storage, loopback ports that the engine chooses; nothing is built or looked for while timed. */
function equalised(file, rendered) {
  const { services } = file;
  const volumes = {};
  for (const [name, theirs] of Object.entries(names))
    adapt(services[theirs], { container: rendered.containers[name], name: theirs, volumes, id: rendered.id });
  for (const [job, store] of Object.entries(jobs))
    Object.assign(services[job], { image: rendered.containers[store].Config.Image, pull_policy: 'never' });
  for (const name of seeded) {
    const awaited = Object.keys(jobs).map((job) => [
      job,
      { condition: 'service_completed_successfully', required: true },
    ]);
    services[name].depends_on = { ...Object.fromEntries(awaited), ...services[name].depends_on };
  }
  return { ...file, volumes };
}

function adapt(service, { container, name, volumes, id }) {
  if (service === undefined || container === undefined)
    throw new Error(`docker-compose.yml's ${name} and the profile do not match any more`);
  const { Config } = container;
  delete service.build;
  Object.assign(service, {
    image: Config.Image,
    pull_policy: 'never',
    command: commands[name] ?? Config.Cmd?.map((word) => word.replaceAll('$', '$$$$')) ?? null,
  });
  service.environment = { ...settings(Config), ...service.environment };
  service.ports = (service.ports ?? []).map(({ target }) => ({
    target,
    host_ip: '127.0.0.1',
    protocol: 'tcp',
    mode: 'ingress',
  }));
  const stores = storesOf(container);
  service.tmpfs = stores.filter(({ type }) => type === 'tmpfs').map(({ path, options }) => `${path}:${options}`);
  for (const { path, name: volume } of stores.filter(({ type }) => type === 'volume')) {
    const source = volume.replace(`${id}_`, '');
    volumes[source] = {};
    service.volumes = [...(service.volumes ?? []), { type: 'volume', source, target: path }];
  }
}

/** envctl's settings that change how a server behaves; addresses and passwords are the file's own. */
const settings = ({ Env }) =>
  Object.fromEntries(
    Env.filter((line) => /^(MOCKSERVER_|JAVA_TOOL_OPTIONS=|PGDATA=)/.test(line)).map((line) => line.split(/=(.*)/s, 2)),
  );
