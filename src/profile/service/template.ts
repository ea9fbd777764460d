import { EnvctlError, suggest } from '../../model/errors.js';
import { isMap, type JsonMap, mergeMaps, type Scalar, type TemplateMap, type TemplateTree } from '../../model/json.js';
import type { Template } from '../../model/profile.js';
import type { Position } from '../../model/template-text.js';
import type { Merged } from '../layers/merge.js';
import { normalizeTemplate } from '../layers/normalize.js';
import { type Scope, substitute, substituteWith } from '../references/substitute.js';
import type { ResolveInput } from '../resolve-input.js';
import { recognizeImage } from './recognize-image.js';
import { withValues } from './template-parameters.js';

/** A service with its template applied. */
export interface Expanded {
  readonly name: string;
  readonly template: Template | null;
  /** The template was recognized by the image: only its protocol, ports, gate and connection apply. */
  readonly adopted: boolean;
  /** `with.*`, literal values. */
  readonly with: Readonly<Record<string, Scalar>>;
  /** envctl's own keys; ports by name are all under `port`. */
  readonly own: TemplateMap;
  /** The template's `ready` and `process`, `with` filled in. */
  readonly given: { readonly ready: TemplateTree; readonly process: TemplateTree };
  /** Compose keys, the service's own over the template's. */
  readonly compose: TemplateMap;
  /** Position of a key of the service. */
  readonly at: (...path: readonly (string | number)[]) => Position;
}

/** Service keys of envctl; a list under `ports` is Compose's. */
export const ownKeys: readonly string[] = [
  'template',
  'with',
  'port',
  'ready',
  'seed',
  'once',
  'process',
  'timeout',
  'keep',
];

export interface ExpandContext {
  readonly input: ResolveInput;
  readonly scope: Scope;
  readonly merged: Merged;
}

/** Separates envctl's keys from Compose's and applies the template. Throws TEMPLATE_UNKNOWN, PARAMETER_INVALID. */
export function expandService(name: string, written: TemplateMap, context: ExpandContext): Expanded {
  const at: Expanded['at'] = (...path) => context.merged.position(['services', name, ...path]);
  const { own, compose } = splitKeys(written);
  const { template, adopted } = templateOf(own, { compose, input: context.input, at });
  if (!template) refuseWith(own, at);
  const values = template
    ? withValues({ ...context, name, template, adopted, given: isMap(own.with) ? own.with : {}, compose })
    : {};
  const filled = template ? filledTemplate(template, values, context) : {};
  const scope = { ...context.scope, with: values };
  return {
    name,
    template: template ?? null,
    adopted,
    with: values,
    own: substituteWith(own, scope),
    given: { ready: filled.ready ?? null, process: adopted ? null : (filled.process ?? null) },
    compose:
      adopted || !isMap(filled.service)
        ? substituteWith(compose, scope)
        : mergeMaps(filled.service, substituteWith(compose, scope)),
    at,
  };
}

/** A `null` that is left after merging deletes nothing. */
function splitKeys(written: TemplateMap): { own: TemplateMap; compose: TemplateMap } {
  const entries = Object.entries(written).filter(([, value]) => value !== null);
  return {
    own: Object.fromEntries(entries.filter(([key]) => ownKeys.includes(key))),
    compose: Object.fromEntries(entries.filter(([key]) => !ownKeys.includes(key))),
  };
}

function templateOf(
  own: TemplateMap,
  { compose, input, at }: { compose: TemplateMap; input: ResolveInput; at: Expanded['at'] },
): { template: Template | undefined; adopted: boolean } {
  if (typeof own.template !== 'string') {
    const template = recognizeImage(compose, input.templates);
    return { template, adopted: template !== undefined };
  }
  const template = input.templates.get(own.template);
  if (template) return { template, adopted: false };
  throw new EnvctlError('TEMPLATE_UNKNOWN', `Unknown template "${own.template}"`, {
    hint: `${suggest(own.template, [...input.templates.keys()])} A project's own templates are in .envctl/templates/.`,
    position: at('template'),
  });
}

function filledTemplate(
  template: Template,
  values: Readonly<Record<string, Scalar>>,
  { input, scope }: ExpandContext,
): TemplateMap {
  const blocks: JsonMap = { service: template.service, process: template.process, ready: template.ready };
  const filled = substitute(blocks, {
    ...scope,
    with: values,
    position: (path) => template.document.position(path),
  });
  return normalizeTemplate(template, filled, {
    project: input.instance.project,
    realPath: input.realPath ?? ((path) => path),
  });
}

/** Without a template `with` would be ignored silently. */
function refuseWith(own: TemplateMap, at: Expanded['at']): void {
  if (own.with === undefined) return;
  throw new EnvctlError('PARAMETER_INVALID', '`with` needs a template', {
    hint: 'Add `template`, because the image is not one that a template recognizes.',
    position: at('with'),
  });
}
