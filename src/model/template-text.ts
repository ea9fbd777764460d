/** A parsed text: what a string with `${service.property}` becomes once the documents of a profile are read. */

/** A position in a file that a person wrote; line and column count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const brand: unique symbol = Symbol('TemplateText');

export interface LiteralPart {
  readonly kind: 'literal';
  readonly text: string;
}

/** `${owner.path}`: `owner` is a service, or one of the reserved names `with` and `at`. */
export interface Reference {
  readonly kind: 'reference';
  readonly owner: string;
  readonly path: readonly string[];
}

export type TextPart = LiteralPart | Reference;

/** A text that holds at least one reference. A text without any is a plain string in which `$` is just a character. */
export interface TemplateText {
  readonly [brand]: true;
  readonly parts: readonly TextPart[];
  /** The position of the text in its file. */
  readonly position: Position;
}

export type TemplateString = string | TemplateText;

export const templateText = (parts: readonly TextPart[], position: Position): TemplateText => ({
  [brand]: true,
  parts,
  position,
});

export const isTemplateText = (value: unknown): value is TemplateText =>
  typeof value === 'object' && value !== null && brand in value;
