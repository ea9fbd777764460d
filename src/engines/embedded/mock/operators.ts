/** WireMock's operators on a header, query parameter, cookie or body (wiremock.org/docs/request-matching). */
import { isDeepStrictEqual } from 'node:util';
import { isMap, type Json } from '../../../model/json.js';
import { refuse } from './refusal.js';
import { mapAt, onlyKeys, regularExpression, textAt } from './shape.js';

/** Tests a value; null: it is absent. */
export type TextTest = (value: string | null) => boolean;

const names = [
  'equalTo',
  'contains',
  'doesNotContain',
  'matches',
  'doesNotMatch',
  'absent',
  'equalToJson',
  'matchesJsonPath',
] as const;
const modifiers: Readonly<Partial<Record<(typeof names)[number], readonly string[]>>> = {
  equalTo: ['caseInsensitive'],
  equalToJson: ['ignoreExtraElements', 'ignoreArrayOrder'],
};

/** The test of an operator such as `{ "equalTo": "x" }`. Throws `Refusal` for an unknown operator. */
export function textTest(value: Json, pointer: string): TextTest {
  const operator = mapAt(value, pointer);
  const name = names.find((one) => one in operator) ?? refuse(pointer, `needs one of ${names.join(', ')}`);
  onlyKeys(operator, pointer, [name, ...(modifiers[name] ?? [])]);
  const valuePointer = `${pointer}/${name}`;
  if (name === 'absent') return (text) => (text === null) === (operator.absent === true);
  if (name === 'equalToJson')
    return jsonTest(
      operator.equalToJson,
      { extra: operator.ignoreExtraElements === true, anyOrder: operator.ignoreArrayOrder === true },
      valuePointer,
    );
  if (name === 'matchesJsonPath') return pathTest(operator.matchesJsonPath ?? null, valuePointer);
  const wanted = textAt(operator[name], valuePointer);
  return present(plainTest(name, wanted, { pointer: valuePointer, fold: operator.caseInsensitive === true }));
}

const present =
  (test: (text: string) => boolean): TextTest =>
  (text) =>
    text !== null && test(text);

function plainTest(
  name: 'equalTo' | 'contains' | 'doesNotContain' | 'matches' | 'doesNotMatch',
  wanted: string,
  { pointer, fold }: { pointer: string; fold: boolean },
): (text: string) => boolean {
  if (name === 'equalTo')
    return fold ? (text) => text.toLowerCase() === wanted.toLowerCase() : (text) => text === wanted;
  if (name === 'contains') return (text) => text.includes(wanted);
  if (name === 'doesNotContain') return (text) => !text.includes(wanted);
  const expression = regularExpression(wanted, pointer);
  return name === 'matches' ? (text) => expression.test(text) : (text) => !expression.test(text);
}

interface Leniency {
  readonly extra: boolean;
  readonly anyOrder: boolean;
}

/** The expected JSON is a value, or a string that contains JSON. */
function jsonTest(value: Json | undefined, leniency: Leniency, pointer: string): TextTest {
  const wanted =
    typeof value === 'string' ? (parsed(value) ?? refuse(pointer, 'must be valid JSON')).value : (value ?? null);
  return present((text) => {
    const found = parsed(text);
    return found !== null && agrees(wanted, found.value, leniency);
  });
}

function parsed(text: string): { readonly value: Json } | null {
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    return null;
  }
}

function agrees(wanted: Json, found: Json, leniency: Leniency): boolean {
  if (Array.isArray(wanted) && Array.isArray(found)) return listsAgree(wanted, found, leniency);
  if (!isMap(wanted) || !isMap(found)) return isDeepStrictEqual(wanted, found);
  const keys = Object.keys(wanted);
  if (!leniency.extra && keys.length !== Object.keys(found).length) return false;
  return keys.every((key) => key in found && agrees(wanted[key] ?? null, found[key] ?? null, leniency));
}

function listsAgree(wanted: readonly Json[], found: readonly Json[], leniency: Leniency): boolean {
  if (leniency.extra ? wanted.length > found.length : wanted.length !== found.length) return false;
  if (!leniency.anyOrder) return wanted.every((item, index) => agrees(item, found[index] ?? null, leniency));
  const rest = [...found];
  return wanted.every((item) => {
    const index = rest.findIndex((other) => agrees(item, other, leniency));
    if (index >= 0) rest.splice(index, 1);
    return index >= 0;
  });
}

/** A JSON path of names and indexes (`$.order.lines[0].sku`), alone or with an operator for its value. */
function pathTest(value: Json, pointer: string): TextTest {
  const expression =
    typeof value === 'string' ? value : textAt(mapAt(value, pointer).expression, `${pointer}/expression`);
  if (!/^\$(\.[\w-]+|\[\d+\]|\['[^']+'\])*$/.test(expression))
    return refuse(pointer, `this mock server supports only names and indexes in a JSON path, not ${expression}`);
  const steps = [...expression.matchAll(/\.([\w-]+)|\[(\d+)\]|\['([^']+)'\]/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  );
  const { expression: _, ...operator } = typeof value === 'string' ? {} : mapAt(value, pointer);
  const test = Object.keys(operator).length > 0 ? textTest(operator, pointer) : present(() => true);
  return present((text) => test(textOf(steps.reduce<Json | undefined>(stepInto, parsed(text)?.value))));
}

const stepInto = (value: Json | undefined, step: string): Json | undefined =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, Json>>)[step] : undefined;

const textOf = (value: Json | undefined): string | null =>
  value === undefined || value === null ? null : typeof value === 'string' ? value : JSON.stringify(value);
