/** Masks secrets in everything that is shown: screens, logs, errors, events. */
import type { Environment } from '../model/environment.js';

const mark = '•••';
/** Shorter secrets occur by chance in ports, counts and words, so masking them everywhere would only hide the text. */
const shortest = 4;

/**
 * Returns a function that replaces every secret in a text by `•••`: plain, percent-encoded, escaped for JSON or a
 * shell, and inside base64 (the complete run). It also masks the password of any URL. Idempotent; never throws.
 *
 * A secret shorter than four characters, or equal to a public name (with the password `postgres` the protocol, user and
 * image would disappear), is masked only in the position of a password: `PASSWORD=…`, `"secret": "…"`, `user:…@`.
 * A secret of several lines is also masked line by line, because logs are split into lines.
 */
export function masker(secrets: Iterable<string>, publicNames: Iterable<string> = []): (text: string) => string {
  const open = new Set(publicNames);
  const known = [...new Set([...secrets].flatMap(withItsLines))].filter((secret) => secret !== '');
  const find = known.map((secret) =>
    secret.length < shortest || open.has(secret) ? whereAPasswordStands(secret) : anywhere(secret),
  );
  return (text) => {
    const spans = find.flatMap((spansIn) => spansIn(text));
    return hideUrlPasswords(cover(text, spans));
  };
}

/** The secret parameters of an environment: what `masker` must hide. */
export function secretValues(environment: Environment): readonly string[] {
  return environment.services.flatMap((service) =>
    Object.keys(service.secrets).map((name) => String(service.parameters[name] ?? '')),
  );
}

/** Names that are public anyway: `publicNames` of `masker`. */
export function publicNames(environment: Environment): readonly string[] {
  const ofServices = environment.services.flatMap((service) => [
    service.name,
    service.kind,
    service.template ?? '',
    service.speaks ?? '',
    ...Object.entries(service.parameters).flatMap(([name, value]) => (name in service.secrets ? [] : [String(value)])),
  ]);
  return [environment.profile, ...environment.declared, ...ofServices];
}

/** `[start, end)` in a text. */
type Span = readonly [start: number, end: number];
type Find = (text: string) => readonly Span[];

function withItsLines(secret: string): readonly string[] {
  const lines = secret.split(/\r\n|\r|\n/).map((line) => line.trim());
  return lines.length > 1 ? [secret, ...lines.filter((line) => line.length >= 8)] : [secret];
}

function anywhere(secret: string): Find {
  const written = new RegExp(Array.from(secret, spellings).join(''), 'gu');
  const encoded = base64Cores(secret);
  return (text) => [...matches(text, written), ...encoded.flatMap((core) => runsAround(text, core))];
}

/** One character plain, percent-encoded, `+` for a space, escaped in JSON, quoted in a shell. */
function spellings(character: string): string {
  if (/^[A-Za-z0-9]$/.test(character)) return character;
  const bytes = [...Buffer.from(character)].map((byte) => byte.toString(16).padStart(2, '0'));
  const percent = bytes.map((byte) => `%(?:${byte}|${byte.toUpperCase()})`).join('');
  const others = [
    JSON.stringify(character).slice(1, -1),
    ...(character === ' ' ? ['+'] : []),
    ...(character === "'" ? ["'\\''"] : []),
  ];
  const literal = [...new Set([...others, character])].map(escaped);
  return `(?:${[percent, ...literal].join('|')})`;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/**
 * The part of a secret's base64 that does not depend on the text around it, for each of the three alignments
 * and in both alphabets.
 */
function base64Cores(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const cores = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([new Uint8Array(shift), bytes]).toString('base64');
    return text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
  });
  return [...new Set(cores.flatMap((core) => [core, core.replaceAll('+', '-').replaceAll('/', '_')]))];
}

/** Every run of base64 characters that has `core` in it. */
function runsAround(text: string, core: string): readonly Span[] {
  const spans: Span[] = [];
  for (let at = text.indexOf(core); at >= 0; at = text.indexOf(core, spans.at(-1)?.[1])) {
    let start = at;
    let end = at + core.length;
    while (start > 0 && /[\w+/-]/.test(text.charAt(start - 1))) start--;
    while (end < text.length && /[\w+/=-]/.test(text.charAt(end))) end++;
    spans.push([start, end]);
  }
  return spans;
}

function whereAPasswordStands(secret: string): Find {
  const word = `${escaped(secret)}(?![\\w-])`;
  const named = new RegExp(
    `(?:pass(?:word|wd|phrase)?|pwd|secret|token|(?:api|access)[_-]?key)["']?(?:\\s*[:=]\\s*|\\s+)["']?(?=${word})`,
    'gi',
  );
  return (text) => matches(text, named).map(([, end]): Span => [end, end + secret.length]);
}

function matches(text: string, pattern: RegExp): readonly Span[] {
  return Array.from(text.matchAll(pattern), (match): Span => [match.index, match.index + match[0].length]);
}

/** Overlapping and adjacent spans become one mask. */
function cover(text: string, spans: readonly Span[]): string {
  let shown = '';
  let until = 0;
  for (const [start, end] of spans.toSorted((a, b) => a[0] - b[0] || b[1] - a[1])) {
    if (start > until || (start === 0 && until === 0)) shown += text.slice(until, start) + mark;
    until = Math.max(until, end);
  }
  return shown + text.slice(until);
}

function hideUrlPasswords(text: string): string {
  return text.replace(/(:\/\/[^\s:@/?#]*:)[^\s/?#"'<>`,]+@/g, `$1${mark}@`);
}
