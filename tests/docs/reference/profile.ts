import { composeServiceKeys } from '../../../src/files/compose-keys.js';
import { profileJsonSchema } from '../../../src/files/schema.js';
import { probeKinds, probeKindsOfForm } from '../../../src/profile/probes/kinds.js';
import { protocols } from '../../../src/protocols/registry.js';
import { code, item, page, paragraph, quoted, sentence } from '../markdown.js';
import { alternatives, bare, type SchemaNode, typeText } from './json-schema.js';
import { type Entry, probeEntries, profileEntries, seedEntries, serviceEntries } from './profile-entries.js';

const paceKeys = ['timeout', 'interval', 'stable'];
const writtenKinds = [...probeKindsOfForm('map'), ...probeKindsOfForm('name')];
const probeKeys = writtenKinds.flatMap((kind) => Object.keys(probeKinds[kind].keys));

type Block = string | readonly string[];

/** Throws when a key of the schema has no entry here, or an entry no key. */
export function profilePage(): string {
  const { definitions } = profileJsonSchema() as SchemaNode;
  const profile = definitions?.profile?.properties ?? {};
  const services = bare(profile.services?.additionalProperties as SchemaNode).properties ?? {};
  const own = Object.fromEntries(
    Object.entries(services).filter(([key]) => key === 'ports' || !composeServiceKeys.includes(key)),
  );
  return page(
    '# Profile reference',
    paragraph(
      'A profile is a YAML file: `environments/<name>.yaml` or `environments/<name>/profile.yaml`. It consists of ' +
        '[Compose keys](https://docs.docker.com/reference/compose-file/) and the keys on this page. Paths are ' +
        'relative to the ' +
        'file that contains them and must stay inside the project. `null` deletes what a lower layer has set.',
    ),
    paragraph('`envctl schema` prints the JSON Schema; put this line first to let an editor use it:'),
    code(
      'yaml',
      '# yaml-language-server: $schema=../node_modules/envctl/profile.schema.json\nservices:\n  cache: { template: ' +
        'redis }',
    ),
    paragraph(
      'A **duration** is a number of seconds or a string such as `500ms`, `30s`, `2m`. A **command line** is a ' +
        'string that is ' +
        'split like in a shell (no shell runs), or a list of arguments. A **reference** such as `${db.url}` is ' +
        'allowed in ' +
        'every string of a service and in `exports`; see [References](../connections-and-test-runners.md#references).',
    ),
    '## Top level',
    ...entries(profile, profileEntries, '###'),
    '## Service keys',
    paragraph(
      `A service may have the keys below and any service key of Compose. In containers Docker Compose interprets ` +
        `those; as ` +
        'a process only `environment`, `depends_on`, `scale`, `ports`, `profiles` and `healthcheck` have an ' +
        'effect, and a ' +
        'notice lists the others.',
    ),
    ...entries(own, serviceEntries, '###'),
    '## Probes',
    paragraph('Probes go under [`ready`](#ready). A probe is a name, or a map with one of these keys and its options.'),
    ...probes(services.ready ?? {}),
    '### Options of every probe',
    Object.entries(paceOf(services.ready ?? {}))
      .filter(([key]) => !probeKeys.includes(key))
      .map(([key, node]) => item(`\`${key}\` (${kindOf(key, node)}): ${node.description ?? ''}`)),
    '## Seed steps',
    paragraph(
      'Seed steps go under [`seed`](#seed). A step is a map with one of these keys and its options. See ' +
        '[Seeds](../seeds.md).',
    ),
    ...seeds(services.seed ?? {}),
    '## Compose service keys',
    paragraph(`Known to the schema: ${quoted(composeServiceKeys)}.`),
  );
}

function entries(
  keys: Readonly<Record<string, SchemaNode>>,
  texts: Readonly<Record<string, Entry>>,
  heading: string,
): readonly Block[] {
  compareNames(Object.keys(keys), Object.keys(texts));
  return Object.entries(keys).flatMap(([key, node]) => {
    const entry = texts[key] as Entry;
    const inner = bare(node);
    return [
      `${heading} ${key}`,
      paragraph(`${sentence(entry.summary ?? inner.description ?? '')} ${entry.text ?? ''}`),
      [
        item(`Type: ${entry.type ?? typeText(inner)}`),
        ...(entry.default === undefined ? [] : [item(`Default: ${entry.default}`)]),
        ...subkeys(inner),
      ],
      ...(entry.example === undefined ? [] : [entry.example]),
    ];
  });
}

/** Keys of the map form, unless another section describes them. */
function subkeys(node: SchemaNode): readonly string[] {
  const maps = alternatives(node).flatMap((branch) => {
    const values = branch.additionalProperties;
    const inner = typeof values === 'object' ? alternatives(values) : [];
    return [branch, ...inner].filter((one) => one.properties !== undefined && Object.keys(one.properties).length < 10);
  });
  return maps
    .flatMap((map) => Object.entries(map.properties ?? {}))
    .filter(([key]) => !isOfProbes(node, key))
    .map(([key, inner]) => item(`\`${key}\` (${kindOf(key, inner)}): ${inner.description ?? ''}`));
}

/** Described in the sections about probes. */
const isOfProbes = (node: SchemaNode, key: string): boolean =>
  Object.hasOwn(paceOf(node), key) && [...paceKeys, ...probeKeys, 'port'].includes(key);

const kindOf = (key: string, node: SchemaNode): string => (paceKeys.includes(key) ? 'duration' : typeText(node));

function paceOf(ready: SchemaNode): Readonly<Record<string, SchemaNode>> {
  return alternatives(bare(ready)).find((branch) => branch.properties?.timeout !== undefined)?.properties ?? {};
}

function probes(ready: SchemaNode): readonly Block[] {
  compareNames([...writtenKinds, ...Object.keys(protocols)], Object.keys(probeEntries));
  const keys = paceOf(ready);
  return Object.entries(probeEntries).flatMap(([name, entry]) => [
    `### ${name}`,
    paragraph(entry.text ?? ''),
    ...(Object.hasOwn(protocols, name) ? [[item(`Options: ${quoted(optionsOf(name)) || 'none'}`)]] : []),
    keysOfKind(name).map((key) => item(`\`${key}\`: ${keys[key]?.description ?? ''}`)),
    ...(entry.example === undefined ? [] : [entry.example]),
  ]);
}

const keysOfKind = (name: string): readonly string[] =>
  writtenKinds.flatMap((kind) => (kind === name ? Object.keys(probeKinds[kind].keys) : []));

const optionsOf = (name: string): readonly string[] =>
  Object.entries(protocols)
    .find(([protocol]) => protocol === name)?.[1]
    .options.filter((option) => option !== 'port') ?? [];

function seeds(seed: SchemaNode): readonly Block[] {
  const steps = alternatives(bare(seed)).find((branch) => branch.items !== undefined)?.items ?? {};
  const kinds = alternatives(steps).flatMap((branch) => {
    const [kind] = Object.keys(branch.properties ?? {});
    return kind === undefined ? [] : [{ kind, properties: branch.properties ?? {} }];
  });
  compareNames(
    kinds.map(({ kind }) => kind),
    Object.keys(seedEntries),
  );
  return kinds.flatMap(({ kind, properties }) => [
    `### seed: ${kind}`,
    paragraph(seedEntries[kind]?.text ?? ''),
    Object.entries(properties).map(([key, node]) => item(`\`${key}\` (${typeText(node)}): ${node.description ?? ''}`)),
    ...(seedEntries[kind]?.example === undefined ? [] : [seedEntries[kind].example]),
  ]);
}

function compareNames(keys: readonly string[], known: readonly string[]): void {
  const missing = keys.filter((key) => !known.includes(key));
  const extra = known.filter((key) => !keys.includes(key));
  if (missing.length + extra.length === 0) return;
  throw new Error(
    `profile-entries.ts: describe ${missing.join(', ') || 'nothing'}, remove ${extra.join(', ') || 'nothing'}`,
  );
}
