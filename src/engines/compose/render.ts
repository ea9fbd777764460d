import type { Environment } from '../../model/environment.js';
import { asList, asMap, isList, isMap, type Json, type JsonMap } from '../../model/json.js';
import type { Prepared, Workload } from '../../model/workload.js';
import { instanceLabels, label, workloadLabels } from '../docker/containers/labels.js';
import { hostAlias, usesHostNetwork } from '../docker/network/network-mode.js';
import { splitPair } from '../docker/pairs.js';
import { coverStores, mountsOf } from './cover-volumes.js';

export interface RenderOptions {
  /** Address of the host that published ports bind. */
  readonly bind: string;
  /** `fixed`: publish only ports that the profile fixes, because the others are reached inside. */
  readonly ports: 'all' | 'fixed';
  /** USER of each image, by image id. */
  readonly users: ReadonlyMap<string, string>;
}

/**
 * The Compose file that creates an environment: all workloads with envctl's labels, ports and stores. It omits what
 * envctl does itself (`depends_on`, `build`, `profiles`, `pull_policy`), and names that two instances would share.
 */
export function renderCompose(prepared: Prepared, options: RenderOptions): JsonMap {
  const workloads = prepared.workloads.filter(({ kind }) => kind === 'container');
  const stores = workloads.map((workload) => coverStores(workload, options.users));
  const services = Object.fromEntries(
    workloads.map((workload, at) => [
      workload.service,
      renderService(workload, stores[at]?.service ?? {}, { prepared, workloads, options }),
    ]),
  );
  const common = instanceLabels(prepared.environment);
  const rendered = {
    services,
    networks: withLabels({ default: null, ...asMap(prepared.compose.networks) }, () => common),
    volumes: withLabels(
      Object.assign({}, asMap(prepared.compose.volumes), ...stores.map(({ volumes }) => volumes)),
      volumeLabels(prepared.environment, workloads, services),
    ),
    configs: withoutNames(asMap(prepared.compose.configs)),
    secrets: withoutNames(asMap(prepared.compose.secrets)),
  };
  return escapeDollars(rendered) as JsonMap;
}

interface RenderContext {
  readonly prepared: Prepared;
  readonly workloads: readonly Workload[];
  readonly options: RenderOptions;
}

function renderService(workload: Workload, stores: JsonMap, { prepared, workloads, options }: RenderContext): JsonMap {
  const {
    build: _b,
    depends_on: _d,
    profiles: _p,
    pull_policy: _u,
    container_name,
    ports: _o,
    scale: _s,
    deploy,
    ...passedOn
  } = workload.compose;
  const { replicas: _r, ...deployed } = asMap(deploy);
  const sharesNetwork = passedOn.network_mode !== undefined;
  return {
    ...passedOn,
    ...stores,
    image: workload.image?.reference ?? '',
    labels: { ...pairs(passedOn.labels), ...workloadLabels(prepared.environment, workload) },
    scale: workload.replicas,
    ...(deploy === undefined ? {} : { deploy: deployed }),
    ...(sharesNetwork
      ? {}
      : { networks: withAlias(passedOn.networks, container_name), ports: publishedPorts(workload, options) }),
    ...(sharesNetwork || !workloads.some(usesHostNetwork)
      ? {}
      : { extra_hosts: { ...pairs(passedOn.extra_hosts, ':'), [hostAlias]: 'host-gateway' } }),
  };
}

/** Without `published` the engine chooses the host port. */
function publishedPorts(workload: Workload, options: RenderOptions): readonly JsonMap[] {
  const entries = Object.entries(workload.publish).filter(
    ([name]) => options.ports === 'all' || workload.ports[name]?.fixed !== null,
  );
  return entries.map(([name, published]) => ({
    target: workload.ports[name]?.inside ?? 0,
    host_ip: options.bind,
    protocol: 'tcp',
    mode: 'host',
    ...(published === null ? {} : { published: String(published) }),
  }));
}

/** Two instances cannot share a container name, so it becomes an alias on the instance's networks. */
function withAlias(networks: Json | undefined, alias: Json | undefined): Json {
  const map = isList(networks)
    ? Object.fromEntries(networks.map((name) => [String(name), null]))
    : asMap(networks ?? { default: null });
  if (typeof alias !== 'string') return map;
  return Object.fromEntries(
    Object.entries(map).map(([name, network]) => [
      name,
      { ...asMap(network), aliases: [...asList(asMap(network).aliases), alias] },
    ]),
  );
}

function withLabels(resources: JsonMap, labelsOf: (name: string) => JsonMap): JsonMap {
  const entries = Object.entries(resources).map(([name, value]): [string, Json] => {
    const { name: _n, labels, ...rest } = asMap(value);
    return isExternal(value) ? [name, value] : [name, { ...rest, labels: { ...pairs(labels), ...labelsOf(name) } }];
  });
  return Object.fromEntries(entries);
}

function withoutNames(resources: JsonMap): JsonMap {
  const entries = Object.entries(resources).map(([name, value]): [string, Json] => {
    const { name: _n, ...rest } = asMap(value);
    return [name, isExternal(value) ? value : rest];
  });
  return Object.fromEntries(entries);
}

/** Labels with the service and whether the data outlives `down`: a volume may be all that remains of an instance. */
function volumeLabels(
  environment: Environment,
  workloads: readonly Workload[],
  services: JsonMap,
): (name: string) => JsonMap {
  return (name) => {
    const users = workloads.filter(({ service }) =>
      mountsOf(asMap(services[service])).some(({ source }) => source === name),
    );
    const keep = users.some(({ record }) => record.keep) ? { [label.keep]: 'yes' } : {};
    return {
      ...instanceLabels(environment),
      ...(users[0] === undefined ? {} : { [label.service]: users[0].service }),
      ...keep,
    };
  };
}

function isExternal(value: Json): boolean {
  const external = asMap(value).external;
  return external !== undefined && external !== false;
}

/** Compose interpolates all string values; `$$` is a literal `$`. */
export function escapeDollars(value: Json): Json {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$');
  if (isList(value)) return value.map(escapeDollars);
  if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, escapeDollars(inner)]));
  return value;
}

/** A list of `name=value`, or a map, as a map. */
function pairs(value: Json | undefined, separator = '='): JsonMap {
  if (!isList(value)) return asMap(value);
  return Object.fromEntries(
    value.map((text) => {
      const [name, rest] = splitPair(String(text), separator);
      return [name, rest ?? ''];
    }),
  );
}
