/** The text of an error for people; `errorJson` is for programs. */
import { isAbsolute, relative } from 'node:path';
import { EnvctlError } from '../model/errors.js';
import type { Position } from '../model/profile.js';
import type { Paint } from './color.js';
import { safe } from './text.js';

export interface ErrorTextOptions {
  readonly paint: Paint;
  readonly mask: (text: string) => string;
  /** `whole`: all details, and the causes with their stacks. */
  readonly detail: 'short' | 'whole';
  /** Files below this folder are shown relative to it. */
  readonly cwd: string;
}

const maxDetailLines = 20;

/**
 * `✖ file:line:column  message (CODE)`, the indented details, `→ hint`. Any other error than an EnvctlError is a bug:
 * its stack and a request to report it. Hides secrets and escapes control characters.
 */
export function errorText(error: unknown, options: ErrorTextOptions): string {
  const lines = error instanceof EnvctlError ? expected(error, options) : bug(error, options);
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

function expected(error: EnvctlError, style: ErrorTextOptions): readonly string[] {
  const { paint } = style;
  const position =
    error.position === undefined ? '' : `${paint.cyan(shown(positionText(error.position, style.cwd), style))}  `;
  const [headline = '', ...more] = linesOf(error.message, style);
  const causes =
    style.detail === 'whole' && error.cause !== undefined ? linesOf(`Caused by: ${stackOf(error.cause)}`, style) : [];
  return [
    `${paint.red('✖')} ${position}${paint.bold(headline)} ${paint.dim(`(${error.code})`)}`,
    ...indented(more),
    ...details(error.detail ?? '', style),
    ...indented(causes).map(paint.dim),
    ...linesOf(error.hint, style).map((line, index) => `${index === 0 ? paint.cyan('→') : ' '} ${line}`),
  ];
}

function positionText({ file, line, column }: Position, cwd: string): string {
  const below = relative(cwd, file);
  return `${below === '' || below.startsWith('..') || isAbsolute(below) ? file : below}:${line}:${column}`;
}

/** The last lines, because a tool usually prints its error last. */
function details(detail: string, style: ErrorTextOptions): readonly string[] {
  const all = detail.trim() === '' ? [] : linesOf(detail, style);
  const hidden = style.detail === 'whole' ? 0 : Math.max(0, all.length - maxDetailLines);
  const more = hidden > 0 ? [style.paint.dim(`    … ${hidden} more lines above, shown with -v`)] : [];
  return [...more, ...indented(all.slice(hidden))];
}

function bug(error: unknown, style: ErrorTextOptions): readonly string[] {
  const [headline = '', ...stack] = linesOf(stackOf(error), style);
  const { red, bold, dim, cyan } = style.paint;
  return [
    `${red('✖')} ${bold(headline)}`,
    ...indented(stack.map((line) => line.trim())).map(dim),
    `${cyan('→')} This is a bug in envctl. Please report it with the lines above.`,
  ];
}

/** The stack, starting with the message, followed by the stacks of the causes. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack?.includes(error.message)
    ? error.stack
    : `${error.name}: ${error.message}\n${error.stack ?? ''}`;
  const causes: readonly unknown[] =
    error instanceof AggregateError ? error.errors : error.cause === undefined ? [] : [error.cause];
  return [own, ...causes.map((cause) => `Caused by: ${stackOf(cause)}`)].join('\n');
}

function linesOf(text: string, style: ErrorTextOptions): readonly string[] {
  return shown(text, style).trimEnd().split('\n');
}

function shown(text: string, { mask }: ErrorTextOptions): string {
  return safe(mask(text).replace(/\r\n?/g, '\n'));
}

function indented(texts: readonly string[]): readonly string[] {
  return texts.map((text) => `    ${text}`);
}
