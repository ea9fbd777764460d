import { isMap, type Json, type JsonMap } from '../../../src/model/json.js';
import type { Parameter, Template } from '../../../src/model/profile.js';
import { code, item, page, paragraph, quoted, sentence } from '../markdown.js';

export function templatesPage(templates: readonly Template[]): string {
  return page(
    '# Templates',
    paragraph(
      'A template is a ready-made service. Use it with `template: <name>`, set its parameters under `with:`, and ' +
        'add any ' +
        'other service key. `envctl config` shows the result.',
    ),
    code('yaml', 'services:\n  db:\n    template: postgres\n    with: { version: "16", database: shop }'),
    paragraph(
      'Generated passwords differ per user and instance. `<host>` and `<port>` represent the address: the service ' +
        'name and ' +
        'the container port inside the environment, `127.0.0.1` and a free port outside. To write a template of ' +
        'your own, ' +
        'see [Templates of your own](../getting-started.md#templates-of-your-own).',
    ),
    ...templates.flatMap(templateSection),
  );
}

function templateSection(template: Template): readonly (string | readonly string[])[] {
  const { name, summary, speaks, recognises, process } = template;
  const connection = mapAt(template.document.value, 'connection');
  const urls = Object.entries(mapAt(connection, 'ports')).map(
    ([port, entry]) => [port, isMap(entry) ? entry.url : null] as const,
  );
  const variables = Object.keys(mapAt(connection, 'env'));
  const engines = process === null ? '`compose`' : '`compose` and `embedded`';
  const server = process !== null && typeof process.run === 'string' ? ` (server: \`${process.run}\`)` : '';
  return [
    `## ${name}`,
    paragraph(sentence(summary)),
    [
      item(`Image: \`${String(template.service.image ?? 'none')}\``),
      item(`Engines: ${engines}${server}`),
      item(`Protocol: ${speaks === null ? 'none; readiness is a connection to the port' : `\`${speaks}\``}`),
      ...(recognises.length > 0 ? [item(`Recognized images in Compose files: ${quoted(recognises)}`)] : []),
      item(`Ports: ${quoted(Object.entries(template.ports).map(([port, number]) => `${port}: ${number}`))}`),
      ...Object.entries(template.parameters).map(([parameter, declared]) => item(parameterText(parameter, declared))),
      item(`URL: \`${placeholders(connection.url)}\``),
      ...urls.map(([port, text]) => item(`URL of port \`${port}\`: \`${placeholders(text)}\``)),
      ...(variables.length > 0 ? [item(`Variables (\`\${db.env.NAME}\`): ${quoted(variables)}`)] : []),
    ],
  ];
}

function parameterText(name: string, { default: value, secret, type }: Parameter): string {
  const without = secret ? 'generated' : 'required';
  return `Parameter \`${name}\` (${type}), default: ${value === null ? without : `\`${String(value)}\``}`;
}

const mapAt = (map: JsonMap, key: string): JsonMap => (isMap(map[key]) ? map[key] : {});

const placeholders = (text: Json | undefined): string => String(text).replaceAll(/\$\{(?:with|at)\.(\w+)\}/g, '<$1>');
