/** The part of JSON Schema that the schemas of this repository use. */
export interface SchemaNode {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | SchemaNode;
  readonly items?: SchemaNode;
  readonly definitions?: Readonly<Record<string, SchemaNode>>;
}

const branchesOf = (node: SchemaNode): readonly SchemaNode[] => node.anyOf ?? node.oneOf ?? [];

/** A node without its `null` branch and without unions of one. */
export function bare(node: SchemaNode): SchemaNode {
  const branches = branchesOf(node).filter((branch) => branch.type !== 'null');
  const [only] = branches;
  if (branches.length !== 1 || only === undefined) return node;
  const inner = bare(only);
  return node.description === undefined ? inner : { ...inner, description: node.description };
}

/** Every branch of nested unions. */
export function alternatives(node: SchemaNode): readonly SchemaNode[] {
  const branches = branchesOf(node);
  return branches.length === 0 ? [node] : branches.flatMap(alternatives).filter((branch) => branch.type !== 'null');
}

/** `string`, `list of strings`, `map of (number or string)` … */
export function typeText(node: SchemaNode): string {
  const texts = [...new Set(alternatives(node).map(simpleType))];
  return texts.length > 0 ? either(texts) : 'any value';
}

function simpleType(node: SchemaNode): string {
  if (node.enum) return either(node.enum.map((value) => `\`${String(value)}\``));
  if (node.const !== undefined) return `\`${String(node.const)}\``;
  if (Array.isArray(node.type)) return either(node.type.filter((type) => type !== 'null'));
  if (node.type === 'array') return node.items && hasType(node.items) ? `list of ${plural(node.items)}` : 'list';
  if (node.type === 'object') return mapText(node);
  return typeof node.type === 'string' ? node.type : 'any value';
}

function mapText(node: SchemaNode): string {
  const values = node.additionalProperties;
  return node.properties === undefined && typeof values === 'object' && hasType(values)
    ? `map of ${plural(values)}`
    : 'map';
}

const hasType = (node: SchemaNode): boolean => typeText(node) !== 'any value';

function plural(node: SchemaNode): string {
  const text = typeText(node);
  return text.includes(' ') ? `(${text})` : `${text}s`;
}

/** `a, b or c`. */
const either = (texts: readonly string[]): string =>
  texts.length > 1 ? `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}` : (texts[0] ?? '');
