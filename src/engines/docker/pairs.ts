/** `NAME=value`, cut at the first separator. The value is null if there is no separator. */
export function splitPair(text: string, separator = '='): readonly [name: string, value: string | null] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, null] : [text.slice(0, index), text.slice(index + separator.length)];
}
