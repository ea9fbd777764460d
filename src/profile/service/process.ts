import { isMap } from '../../model/json.js';
import type { ProcessSpec } from '../../model/service.js';
import type { TemplateString } from '../../model/template-text.js';
import { asText, displayText } from '../references/template-text.js';
import type { Expanded } from './template.js';

/** The service's own `process`, else its template's; null: none. */
export function readProcess(service: Expanded): ProcessSpec<TemplateString> | null {
  const process = isMap(service.own.process) ? service.own.process : service.given.process;
  if (!isMap(process)) return null;
  if (typeof process.run === 'string') return { kind: 'server', run: process.run };
  if (!Array.isArray(process.command)) return null;
  const single = typeof process.port === 'string' && process.port !== 'auto' ? { main: process.port } : {};
  const several = isMap(process.ports)
    ? Object.entries(process.ports).map(([name, variable]) => [name, displayText(variable)] as const)
    : [];
  return {
    kind: 'command',
    argv: process.command.map(asText),
    portVariables: { ...single, ...Object.fromEntries(several) },
    cwd: asText(process.cwd ?? '.'),
  };
}
