import type { Environment } from '../../model/environment.js';
import { asList, asMap, isList, isMap, type Json, type JsonMap } from '../../model/json.js';
import type { Prepared, Workload } from '../../model/workload.js';
import { instanceLabels, label, workloadLabels } from '../docker/containers/labels.js';
import { hostAlias, usesHostNetwork } from '../docker/network/network-mode.js';
import { coverStores, mountsOf } from './cover-volumes.js';

export interface RenderOptions {
  /** Host address that published ports bind. */
  readonly bind: string;
  /** `fixed`: only what the profile fixes, since the others are reached inside. */
  readonly ports: 'all' | 'fixed';
  /** USER of each image, by image id. */
  readonly users: ReadonlyMap<string, string>;
}

/**
 * The project as Compose shall create it: every workload of the environment, with our labels, ports and stores; without what envctl does
 * itself (`depends_on`, `build`, `profiles`, `pull_policy`) and without names that two instances would share. Every `$` is doubled.
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
    networks: labelled({ default: null, ...asMap(prepared.compose.networks) }, () => common),
    volumes: labelled(
      Object.assign({}, asMap(prepared.compose.volumes), ...stores.map(({ volumes }) => volumes)),
      volumeLabels(prepared.environment, workloads, services),
    ),
    configs: unnamed(asMap(prepared.compose.configs)),
    secrets: unnamed(asMap(prepared.compose.secrets)),
  };
  return escapeDollars(rendered) as JsonMap;
}

interface Surroundings {
  readonly prepared: Prepared;
  readonly workloads: readonly Workload[];
  readonly options: RenderOptions;
}

function renderService(workload: Workload, stores: JsonMap, { prepared, workloads, options }: Surroundings): JsonMap {
  const {
    build: _b,
    depends_on: _d,
    profiles: _p,
    pull_policy: _u,
    container_name,
    ports: _o,
    scale: _s,
    deploy,
    ...kept
  } = workload.compose;
  const { replicas: _r, ...deployed } = asMap(deploy);
  const shared = kept.network_mode !== undefined;
  return {
    ...kept,
    ...stores,
    image: workload.image?.reference ?? '',
    labels: { ...pairs(kept.labels), ...workloadLabels(prepared.environment, workload) },
    scale: workload.replicas,
    ...(deploy === undefined ? {} : { deploy: deployed }),
    ...(shared ? {} : { networks: withAlias(kept.networks, container_name), ports: publish(workload, options) }),
    ...(shared || !workloads.some(usesHostNetwork)
      ? {}
      : { extra_hosts: { ...pairs(kept.extra_hosts, ':'), [hostAlias]: 'host-gateway' } }),
  };
}

/** `null` leaves the host port to the engine. */
function publish(workload: Workload, options: RenderOptions): readonly JsonMap[] {
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

/** Two instances cannot share a container name; on the instance's own networks the name still answers. */
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

function labelled(resources: JsonMap, labelsOf: (name: string) => JsonMap): JsonMap {
  const entries = Object.entries(resources).map(([name, value]): [string, Json] => {
    const { name: _n, labels, ...rest } = asMap(value);
    return isExternal(value) ? [name, value] : [name, { ...rest, labels: { ...pairs(labels), ...labelsOf(name) } }];
  });
  return Object.fromEntries(entries);
}

function unnamed(resources: JsonMap): JsonMap {
  const entries = Object.entries(resources).map(([name, value]): [string, Json] => {
    const { name: _n, ...rest } = asMap(value);
    return [name, isExternal(value) ? value : rest];
  });
  return Object.fromEntries(entries);
}

/** Volumes tell whose they are and whether they outlive `down`, because they may be the last thing left of an instance. */
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

/** Compose interpolates every string value; `$$` is its literal `$`. */
export function escapeDollars(value: Json): Json {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$');
  if (isList(value)) return value.map(escapeDollars);
  if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, escapeDollars(inner)]));
  return value;
}

/** A list of `name=value` or a map, as a map. */
function pairs(value: Json | undefined, separator = '='): JsonMap {
  if (!isList(value)) return asMap(value);
  return Object.fromEntries(
    value.map((text) => {
      const [name = '', ...rest] = String(text).split(separator);
      return [name, rest.join(separator)];
    }),
  );
}
