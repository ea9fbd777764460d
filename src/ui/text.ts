/** Text for terminals: escaping, width, ages. */

/** The first character of every escape code. */
export const esc = '\u001b';

/** Control characters, and characters that change the direction of text (unicode.org, UAX 9). */
const unsafe = /(?![\n\t])[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Colors (ECMA-48, SGR), which are common in logs. */
const colors = new RegExp(`${esc}\\[[0-9;:]*m`, 'g');

/** The main ranges of characters that are two columns wide (unicode.org, UAX 11). */
const wideRanges = [
  '\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3',
  '\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}',
];
const wide = new RegExp(`[${wideRanges.join('')}]`, 'u');
const emoji = /\p{Emoji_Presentation}/u;
const zero = /^(?:\p{Mn}|\p{Me}|\u200b|\u200d|\ufe0f)$/u;

/** Drops colors and escapes all other control characters (`\x1b[2J`), except line feeds and tabs. */
export function safe(text: string): string {
  return text.replace(colors, '').replace(unsafe, (character) => {
    const code = character.charCodeAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });
}

/** `safe`, and on one line. */
export function oneLine(text: string): string {
  return safe(text.trim().replace(/\s*[\r\n\t\u2028\u2029]+\s*/g, ' '));
}

/** Columns of a text without escape codes. */
export function width(text: string): number {
  let columns = 0;
  for (const character of text) columns += columnsOf(character);
  return columns;
}

/** The text, or the part that fits followed by `…`. */
export function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let shown = '';
  let used = 1;
  for (const character of text) {
    used += columnsOf(character);
    if (used > columns) break;
    shown += character;
  }
  return columns > 0 ? `${shown.trimEnd()}…` : '';
}

export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)));
}

/** A rough duration: `12s`, `5m`, `3h`, `9d`. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

function columnsOf(character: string): number {
  if (character < '\u0300') return 1;
  if (zero.test(character)) return 0;
  return wide.test(character) || emoji.test(character) ? 2 : 1;
}
