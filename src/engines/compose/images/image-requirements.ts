import type { Environment } from '../../../model/environment.js';
import { EnvctlError } from '../../../model/errors.js';
import { asMap, type Json, type JsonMap, type TemplateTree } from '../../../model/json.js';
import type { Service } from '../../../model/service.js';
import { isTemplateText, type Position } from '../../../model/template-text.js';

/** A Compose `build` with an absolute or remote context, literal values and substituted base images. */
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

/** Services with the same build share one requirement; so do services that use the image another one builds. */
export function imageRequirements(
  environment: Environment,
  substitute: (image: string) => string,
): readonly ImageRequirement[] {
  const requirements = new Map<string, ImageRequirement>();
  const add = (key: string, service: Service, requirement: ImageRequirement): void => {
    const known = requirements.get(key) ?? requirement;
    requirements.set(key, { ...known, services: [...known.services, service] });
  };
  const builds = new Map<string, string>();
  for (const service of environment.services.filter(isBuilt)) {
    const requirement = buildRequirement(service, environment, substitute);
    const key = JSON.stringify([requirement.build, requirement.platform]);
    add(key, service, requirement);
    const image = imageOf(service);
    if (image !== null) builds.set(image, key);
  }
  for (const service of environment.services.filter((each) => !isBuilt(each))) {
    const image = imageOf(service);
    if (image === null) continue;
    const build = builds.get(image);
    const requirement = pullRequirement(service, build === undefined ? substitute(image) : image);
    add(
      build ?? JSON.stringify([requirement.reference, requirement.platform, requirement.policy]),
      service,
      requirement,
    );
  }
  return [...requirements.values()];
}

function imageOf(service: Service): string | null {
  const image = literal(service.compose.image ?? null, service);
  return typeof image === 'string' ? image : null;
}

/** A service with `image` and a pull policy other than `build` is pulled; its `build` is for other uses. */
function isBuilt({ compose }: Service): boolean {
  const policy = compose.pull_policy;
  return (
    compose.build !== undefined &&
    compose.build !== null &&
    (compose.image === undefined || policy === undefined || policy === 'build')
  );
}

/** Profiles are normalized: `build` is in its long form, with an absolute or remote context. */
function buildRequirement(
  service: Service,
  environment: Environment,
  substitute: (image: string) => string,
): BuildRequirement {
  const build = asMap(literal(service.compose.build ?? {}, service));
  const args = Object.entries(asMap(build.args)).map(([name, value]) => [
    name,
    value === null ? null : substitute(String(value)),
  ]);
  return {
    kind: 'build',
    services: [],
    reference: builtName(environment.id, service.name),
    platform: platformOf(service),
    build: { ...build, context: String(build.context ?? environment.project), args: Object.fromEntries(args) },
  };
}

function pullRequirement(service: Service, reference: string): PullRequirement {
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

/** Lower case, as image names must be, and with the instance, so that two checkouts never share images. */
function builtName(instance: string, service: string): string {
  const name = service.toLowerCase().replaceAll(/[._-]{2,}/g, '-');
  return `${instance}-${name.replaceAll(/^[._-]+|[._-]+$/g, '')}`;
}

/** Images are prepared before addresses are known, so references cannot be resolved. Throws PROFILE_INVALID. */
function literal(value: TemplateTree, service: Service): Json {
  if (isTemplateText(value)) throw referenceInImage(service, value.position);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item: TemplateTree) => literal(item, service));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, literal(inner as TemplateTree, service)]),
  );
}

function referenceInImage({ name }: Service, position: Position): EnvctlError {
  return new EnvctlError('PROFILE_INVALID', `Service "${name}" has a reference in \`image\` or \`build\``, {
    hint: 'Images are prepared before any service has an address. Use the reference in `environment` instead.',
    service: name,
    position,
  });
}
