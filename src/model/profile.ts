/** A profile as written: documents with positions, layers, templates. */
import type { Json, JsonMap, Scalar } from './json.js';
import type { Position, TemplateString } from './template-text.js';

export type { Position };

/** Keys and indexes from the root of a document to a value. */
export type DocumentPath = readonly (string | number)[];

/** A file as plain data (merge keys applied), with the position of each node. */
export interface Document {
  /** Absolute path. */
  readonly path: string;
  readonly value: JsonMap;
  /** Position of the node at `path`, or of its nearest ancestor that has one. */
  position(path: DocumentPath): Position;
}

/** One layer of a profile, lowest first: later layers win. */
export interface Layer {
  /** `compose`: read through Compose; `profile`: a profile file; `local`: the git-ignored override. */
  readonly kind: 'compose' | 'profile' | 'local';
  readonly document: Document;
}

export interface Parameter {
  readonly default: Scalar | null;
  readonly type: 'string' | 'integer' | 'boolean';
  readonly values: readonly Scalar[] | null;
  readonly secret: boolean;
  /** Variables of an adopted service that set this parameter (`*_FILE`: path of a file in the container). */
  readonly from: readonly string[];
  /** Value the image uses when none of `from` is set; may refer to `${with.other}`. */
  readonly absent: string | null;
}

/** A ready-made service, as data (`templates/<name>.yaml`). */
export interface Template {
  readonly name: string;
  readonly document: Document;
  readonly summary: string;
  readonly kind: string;
  readonly speaks: string | null;
  readonly recognises: readonly string[];
  readonly serves: readonly string[];
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly service: JsonMap;
  readonly process: JsonMap | null;
  readonly ports: Readonly<Record<string, number>>;
  readonly data: readonly string[];
  readonly ready: Json;
  readonly connection: ConnectionTemplate;
}

/** How a connection is spelled; `connections/` fills in `${with.x}`, `${at.host}` and `${at.port}`. */
export interface ConnectionTexts<Text> {
  readonly url: Text | null;
  readonly env: Readonly<Record<string, Text>>;
  /** URLs of ports other than `main`, by port name. */
  readonly ports: Readonly<Record<string, Text>>;
}
export type ConnectionTemplate = ConnectionTexts<TemplateString>;
