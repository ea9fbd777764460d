import type { CliCommand } from './command.js';

/** The part of a command's help below its options. */
export function examplesText({ examples = [], notes }: Pick<CliCommand, 'examples' | 'notes'>): string {
  const width = Math.max(0, ...examples.map(([line]) => line.length));
  const lines = examples.map(([line, comment]) => `  ${comment ? `${line.padEnd(width)}  # ${comment}` : line}`);
  return [...(lines.length > 0 ? ['', 'Examples:', ...lines] : []), ...(notes ? ['', notes] : [])].join('\n');
}
