/** What a person or a program reads when a command failed. */
import { isAbsolute, relative } from 'node:path';
import type { Position } from '../core/environment.js';
import { EnvctlError } from '../core/errors.js';
import type { Paint } from './color.js';
import { paintFor } from './color.js';
import { maskedJson } from './json.js';
import { safe } from './text.js';

export interface ErrorTextOptions {
  /** Where it will be written: decides about colours. */
  readonly stream: { readonly isTTY?: boolean | undefined };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly mask: (text: string) => string;
  /** Whole evidence, and the causes with their stacks. */
  readonly verbose: boolean;
  /** Files below this folder are shown relative to it; by default the current one. */
  readonly cwd?: string;
}

const mostLines = 20;

/**
 * `✖ file:line:column  message (CODE)`, the evidence indented, `→ hint`; no line feed at the end. Anything but an EnvctlError is a bug of ours:
 * its stack, and a request to report it. Secrets are hidden; control characters are shown, not obeyed.
 */
export async function errorText(error: unknown, { stream, env, mask, verbose, cwd = process.cwd() }: ErrorTextOptions): Promise<string> {
  const style: Style = { paint: await paintFor(stream, env), mask, verbose, cwd };
  const lines = error instanceof EnvctlError ? expected(error, style) : bug(error, style);
  return lines.map((line) => line.trimEnd()).join('\n');
}

/** `{"error":{…}}` on one line, without a line feed: the answer of a failed command where JSON was asked for. A bug has the code `BUG` and its stack. */
export function errorJson(error: unknown, { mask }: { readonly mask: (text: string) => string }): string {
  if (error instanceof EnvctlError) return maskedJson({ error }, mask);
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return maskedJson({ error: { code: 'BUG', message, hint: reportIt, exitCode: 1, stack } }, mask);
}

const reportIt = 'This is a bug in envctl, nothing that you did. Please report it, with its stack.';

interface Style {
  readonly paint: Paint;
  readonly mask: (text: string) => string;
  readonly verbose: boolean;
  readonly cwd: string;
}

function expected(error: EnvctlError, style: Style): readonly string[] {
  const { paint } = style;
  const place = error.position === undefined ? '' : `${paint.cyan(shown(placeOf(error.position, style.cwd), style))}  `;
  const [headline = '', ...more] = linesOf(error.message, style);
  const causes = style.verbose && error.cause !== undefined ? linesOf(`because of ${stackOf(error.cause)}`, style) : [];
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
function evidence(detail: string, style: Style): readonly string[] {
  const all = detail.trim() === '' ? [] : linesOf(detail, style);
  const left = style.verbose ? 0 : Math.max(0, all.length - mostLines);
  const told = left > 0 ? [style.paint.dim(`    … ${left} lines before these, shown with -v`)] : [];
  return [...told, ...indented(all.slice(left))];
}

function bug(error: unknown, style: Style): readonly string[] {
  const [headline = '', ...stack] = linesOf(stackOf(error), style);
  const { red, bold, dim, cyan } = style.paint;
  return [`${red('✖')} ${bold(headline)}`, ...indented(stack.map((line) => line.trim())).map(dim), `${cyan('→')} ${reportIt}`];
}

/** The stack with the message in front, and those of the causes behind it. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack?.includes(error.message) ? error.stack : `${error.name}: ${error.message}\n${error.stack ?? ''}`;
  const causes: readonly unknown[] = error instanceof AggregateError ? error.errors : error.cause === undefined ? [] : [error.cause];
  return [own, ...causes.map((cause) => `because of ${stackOf(cause)}`)].join('\n');
}

function linesOf(text: string, style: Style): readonly string[] {
  return shown(text, style).trimEnd().split('\n');
}

function shown(text: string, { mask }: Style): string {
  return safe(mask(text).replace(/\r\n?/g, '\n'));
}

function indented(texts: readonly string[]): readonly string[] {
  return texts.map((text) => `    ${text}`);
}
