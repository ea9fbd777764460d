import { posix } from 'node:path';
import { type ImageReference, parseImageReference } from '../../model/image-reference.js';
import type { TemplateMap } from '../../model/json.js';
import type { Template } from '../../model/profile.js';
import type { TemplateString } from '../../model/template-text.js';
import { commandArguments } from '../references/rewrite.js';
import { displayText } from '../references/template-text.js';

/** The template whose server a Compose service runs; undefined: the image is unknown, or runs something else. */
export function recognizeImage(service: TemplateMap, templates: ReadonlyMap<string, Template>): Template | undefined {
  if (typeof service.image !== 'string') return undefined;
  const image = parseImageReference(service.image);
  const template = [...templates.values()].find((one) => one.recognises.some((known) => namesImage(image, known)));
  return template && serves(service, template) ? template : undefined;
}

/** A mirror may add folders between the registry host and the name. */
const namesImage = (image: ImageReference, known: string): boolean =>
  image.path === known || (image.host !== null && image.path.endsWith(`/${known}`));

/** With another command or entrypoint the image may run a client or a job. */
function serves(service: TemplateMap, template: Template): boolean {
  const entrypoint = commandArguments(service.entrypoint);
  const command = commandArguments(service.command);
  const knows = (argument: TemplateString | undefined): boolean => {
    const program = argument === undefined ? '-' : displayText(argument);
    return program.startsWith('-') || template.serves.includes(posix.basename(program));
  };
  return knows(entrypoint[0]) && knows(command[0]);
}
