import * as z from 'zod';
import { connectionFile, errorShape, eventShapes, jsonOutputs } from '../json-output.js';
import { code, page, paragraph } from '../markdown.js';
import { alternatives, bare, type SchemaNode } from './json-schema.js';

export function jsonOutputPage(): string {
  return page(
    '# JSON output',
    paragraph(
      'Every JSON document has `"version": 1`. New fields may appear without a new version; a field is removed or ' +
        'changes its meaning only with a new version. Ignore fields and event types you do not know. Except in ' +
        '`envctl env` and the connection file, secrets are masked as `•••`.',
    ),
    ...jsonOutputs.flatMap(({ command, text, shape }) => [
      `## ${command}`,
      paragraph(text),
      code('ts', declaration(shape)),
    ]),
    '## Connection file',
    paragraph(
      '`.envctl/<instance>/connection.json` is written by every successful `up` and readable by its owner only. ' +
        '`connection.env` in the same folder holds the exports in dotenv format.',
    ),
    code('ts', declaration(connectionFile)),
    '## Errors',
    paragraph('With `--output json` a command that fails prints one line to stdout and exits with `exitCode`.'),
    code('ts', declaration(errorShape)),
    '## Event stream',
    paragraph(
      '`envctl up`, `down` and `restart` with `--output json` print one event per line (NDJSON) to stdout. The ' +
        'same events ' +
        'are in `.envctl/<instance>/events.ndjson` and in the diagnostics of a failed `up`. The library passes ' +
        'them to ' +
        '`onEvent` without `version` and `time`.',
    ),
    ...Object.entries(eventShapes).flatMap(([type, shape]) => [`### ${type}`, code('ts', declaration(shape))]),
  );
}

function declaration(shape: z.ZodType): string {
  const node = z.toJSONSchema(shape, { unrepresentable: 'any' }) as SchemaNode;
  return typeOf(node, '');
}

function typeOf(node: SchemaNode, indent: string): string {
  const branches = alternatives(node);
  const isNullable = [...(node.anyOf ?? [])].some((branch) => branch.type === 'null');
  const texts = branches.map((branch) => simple(bare(branch), indent));
  return [...new Set([...texts, ...(isNullable ? ['null'] : [])])].join(' | ');
}

function simple(node: SchemaNode, indent: string): string {
  if (node.enum) return node.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (node.const !== undefined) return JSON.stringify(node.const);
  if (node.type === 'array') return `Array<${typeOf(node.items ?? {}, indent)}>`;
  if (node.type === 'object') return objectType(node, indent);
  const types = typeof node.type === 'string' ? [node.type] : (node.type ?? ['unknown']);
  return types.join(' | ');
}

function objectType(node: SchemaNode, indent: string): string {
  if (node.properties === undefined) {
    const values =
      typeof node.additionalProperties === 'object' ? typeOf(node.additionalProperties, indent) : 'unknown';
    return `Record<string, ${values}>`;
  }
  const inner = `${indent}  `;
  const lines = Object.entries(node.properties).flatMap(([name, property]) => [
    ...(property.description === undefined ? [] : [`${inner}/** ${property.description} */`]),
    `${inner}${name}${node.required?.includes(name) ? '' : '?'}: ${typeOf(property, inner)};`,
  ]);
  return `{\n${lines.join('\n')}\n${indent}}`;
}
