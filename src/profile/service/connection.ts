import type { ConnectionTemplate } from '../../model/profile.js';
import type { DeclaredProbe, Port } from '../../model/service.js';
import type { Position, TemplateString } from '../../model/template-text.js';
import { textOf } from '../references/template-text.js';
import type { Expanded } from './template.js';

/** Without a template the scheme follows the first probe: `tcp://` for a bare port, otherwise `http://`. */
export function connectionTemplate(
  { template, at }: Expanded,
  first: DeclaredProbe | undefined,
  ports: Readonly<Record<string, Port>>,
): ConnectionTemplate {
  if (template) return template.connection;
  const url = addressUrl(first?.kind === 'protocol' && first.protocol === 'tcp' ? 'tcp' : 'http', at());
  const others = Object.keys(ports).filter((name) => name !== 'main');
  return { url: 'main' in ports ? url : null, env: {}, ports: Object.fromEntries(others.map((name) => [name, url])) };
}

/** `<scheme>://${at.host}:${at.port}` */
const addressUrl = (scheme: string, position: Position): TemplateString =>
  textOf(
    [
      { kind: 'literal', text: `${scheme}://` },
      { kind: 'reference', owner: 'at', path: ['host'] },
      { kind: 'literal', text: ':' },
      { kind: 'reference', owner: 'at', path: ['port'] },
    ],
    () => position,
  );
