/** What a person reads when a command failed; `errorJson` is for programs. */
import { isAbsolute, relative } from 'node:path';
import { EnvctlError } from '../model/errors.js';
import type { Position } from '../model/profile.js';
import type { Paint } from './color.js';
import { safe } from './text.js';

export interface ErrorTextOptions {
  readonly paint: Paint;
  readonly mask: (text: string) => string;
  /** `whole`: all evidence, and the causes with their stacks. */
  readonly detail: 'short' | 'whole';
  /** Files below this folder are shown relative to it. */
  readonly cwd: string;
}

const mostLines = 20;

/**
 * `✖ file:line:column  message (CODE)`, the evidence indented, `→ hint`. Anything but an EnvctlError is a bug of ours: its stack, and a
 * request to report it. Secrets are hidden; control characters are shown, not obeyed.
 */
export function errorText(error: unknown, options: ErrorTextOptions): string {
  const lines = error instanceof EnvctlError ? expected(error, options) : bug(error, options);
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

function expected(error: EnvctlError, style: ErrorTextOptions): readonly string[] {
  const { paint } = style;
  const place = error.position === undefined ? '' : `${paint.cyan(shown(placeOf(error.position, style.cwd), style))}  `;
  const [headline = '', ...more] = linesOf(error.message, style);
  const causes =
    style.detail === 'whole' && error.cause !== undefined ? linesOf(`because of ${stackOf(error.cause)}`, style) : [];
  return [
    `${paint.red('✖')} ${place}${paint.bold(headline)} ${paint.dim(`(${error.code})`)}`,
    ...indented(more),
    ...evidence(error.detail ?? '', style),
    ...indented(causes).map(paint.dim),
    ...linesOf(error.hint, style).map((line, index) => `${index === 0 ? paint.cyan('→') : ' '} ${line}`),
  ];
}

function placeOf({ file, line, column }: Position, cwd: string): string {
  const below = relative(cwd, file);
  return `${below === '' || below.startsWith('..') || isAbsolute(below) ? file : below}:${line}:${column}`;
}

/** The last lines: what a tool says last is what stopped it. */
function evidence(detail: string, style: ErrorTextOptions): readonly string[] {
  const all = detail.trim() === '' ? [] : linesOf(detail, style);
  const left = style.detail === 'whole' ? 0 : Math.max(0, all.length - mostLines);
  const told = left > 0 ? [style.paint.dim(`    … ${left} lines before these, shown with -v`)] : [];
  return [...told, ...indented(all.slice(left))];
}

function bug(error: unknown, style: ErrorTextOptions): readonly string[] {
  const [headline = '', ...stack] = linesOf(stackOf(error), style);
  const { red, bold, dim, cyan } = style.paint;
  return [
    `${red('✖')} ${bold(headline)}`,
    ...indented(stack.map((line) => line.trim())).map(dim),
    `${cyan('→')} This is a bug in envctl, nothing that you did. Please report it with the lines above.`,
  ];
}

/** The stack with the message in front, and those of the causes behind it. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack?.includes(error.message)
    ? error.stack
    : `${error.name}: ${error.message}\n${error.stack ?? ''}`;
  const causes: readonly unknown[] =
    error instanceof AggregateError ? error.errors : error.cause === undefined ? [] : [error.cause];
  return [own, ...causes.map((cause) => `because of ${stackOf(cause)}`)].join('\n');
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
