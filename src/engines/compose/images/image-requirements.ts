import { resolve } from 'node:path';
import type { Environment } from '../../../model/environment.js';
import { EnvctlError } from '../../../model/errors.js';
import { asList, asMap, isList, type Json, type JsonMap, type TemplateTree } from '../../../model/json.js';
import type { Service } from '../../../model/service.js';
import { isTemplateText, type Position } from '../../../model/template-text.js';

/** A Compose `build` in its long form: absolute (or remote) context, literal values, base images substituted. */
export type Build = JsonMap & { readonly context: string; readonly args: Readonly<Record<string, string | null>> };

/** An image that some services need: one pull or one build for all of them. */
export type ImageRequirement = BuildRequirement | PullRequirement;

interface ImageRequirementBase {
  readonly services: readonly Service[];
  readonly reference: string;
  /** `os/arch`; null: the engine's own. */
  readonly platform: string | null;
}

export interface BuildRequirement extends ImageRequirementBase {
  readonly kind: 'build';
  readonly build: Build;
}

export interface PullRequirement extends ImageRequirementBase {
  readonly kind: 'pull';
  readonly policy: 'always' | 'missing' | 'never';
}

/** Services with the same build share it, and so do those that name the image another one builds. */
export function imageRequirements(
  environment: Environment,
  substitute: (image: string) => string,
): readonly ImageRequirement[] {
  const needs = new Map<string, ImageRequirement>();
  const add = (key: string, service: Service, need: ImageRequirement): void => {
    needs.set(key, { ...(needs.get(key) ?? need), services: [...(needs.get(key)?.services ?? []), service] });
  };
  const built = new Map<string, string>();
  for (const service of environment.services.filter(isBuilt)) {
    const need = buildNeed(service, environment, substitute);
    const key = JSON.stringify([need.build, need.platform]);
    add(key, service, need);
    const image = imageOf(service);
    if (image !== null) built.set(image, key);
  }
  for (const service of environment.services.filter((each) => !isBuilt(each))) {
    const image = imageOf(service);
    if (image === null) continue;
    const key = built.get(image);
    const need = pullNeed(service, key === undefined ? substitute(image) : image);
    add(key ?? JSON.stringify([need.reference, need.platform, need.policy]), service, need);
  }
  return [...needs.values()];
}

function imageOf(service: Service): string | null {
  const image = literal(service.compose.image ?? null, service);
  return typeof image === 'string' ? image : null;
}

/** With `image` and a pull policy that names the registry, `build` is only how others make the image. */
function isBuilt({ compose }: Service): boolean {
  const policy = compose.pull_policy;
  return (
    compose.build !== undefined &&
    compose.build !== null &&
    (compose.image === undefined || policy === undefined || policy === 'build')
  );
}

function buildNeed(
  service: Service,
  environment: Environment,
  substitute: (image: string) => string,
): BuildRequirement {
  const written = literal(service.compose.build ?? {}, service);
  const build = asMap(typeof written === 'string' ? { context: written } : written);
  const context = String(build.context ?? '.');
  const args = argumentsOf(build.args).map(([name, value]) => [name, value === null ? null : substitute(value)]);
  const long = {
    ...build,
    context: isRemote(context) ? context : resolve(environment.project, context),
    args: Object.fromEntries(args),
  };
  return {
    kind: 'build',
    services: [],
    reference: builtName(environment.id, service.name),
    platform: platformOf(service),
    build: long,
  };
}

function pullNeed(service: Service, reference: string): PullRequirement {
  const policy = service.compose.pull_policy;
  return {
    kind: 'pull',
    services: [],
    reference,
    platform: platformOf(service),
    policy: policy === 'always' || policy === 'never' ? policy : 'missing',
  };
}

function platformOf({ compose }: Service): string | null {
  return typeof compose.platform === 'string' ? compose.platform : null;
}

/** Lower case, as image names must be, and the instance's own, so that two checkouts never swap images. */
function builtName(instance: string, service: string): string {
  const tidy = service.toLowerCase().replaceAll(/[._-]{2,}/g, '-');
  return `${instance}-${tidy.replaceAll(/^[._-]+|[._-]+$/g, '')}`;
}

/** A list of `NAME=value` or a map; null: the value comes from the environment of the build. */
function argumentsOf(args: Json | undefined): readonly (readonly [string, string | null])[] {
  if (!isList(args))
    return Object.entries(asMap(args)).map(([name, value]) => [name, value === null ? null : String(value)]);
  return asList(args).map((entry) => {
    const [name = '', ...value] = String(entry).split('=');
    return [name, String(entry).includes('=') ? value.join('=') : null];
  });
}

function isRemote(context: string): boolean {
  return /^(https?|git|ssh):\/\/|^git@|^github\.com\//.test(context);
}

/** Images are made before any address is known, so a reference cannot be filled in. Throws PROFILE_INVALID. */
function literal(value: TemplateTree, service: Service): Json {
  if (isTemplateText(value)) throw referenceInImage(service, value.position);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item: TemplateTree) => literal(item, service));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, literal(inner as TemplateTree, service)]),
  );
}

function referenceInImage(service: Service, position: Position): EnvctlError {
  return new EnvctlError(
    'PROFILE_INVALID',
    `"${service.name}": a reference cannot stand in \`image\` or \`build\`, which are made before any service has an address`,
    { hint: 'Pass it in `environment` instead.', service: service.name, position },
  );
}
