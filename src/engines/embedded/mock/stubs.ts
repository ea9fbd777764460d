/** The mappings of a server and the states of their scenarios. */
import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { CompletedRequest, RequestRuleData } from 'mockttp';
import type { Json, JsonMap } from '../../../model/json.js';
import { type RequestTest, requestTest } from './request.js';
import { answerOf, type StubAnswer } from './response.js';
import { mapAt, numberAt, onlyKeys, textAt } from './shape.js';

const keys = [
  'id',
  'uuid',
  'name',
  'priority',
  'persistent',
  'request',
  'response',
  'scenarioName',
  'requiredScenarioState',
  'newScenarioState',
  'metadata',
  'insertionIndex',
];
const startState = 'Started';
const defaultPriority = 5;

export interface Stub {
  readonly id: string;
  /** 1 is the highest. */
  readonly priority: number;
  readonly json: JsonMap;
  readonly matches: RequestTest;
  readonly answer: StubAnswer;
}

export interface Stubs {
  /** Newest first: among stubs of the same priority the newest answers. */
  readonly all: Stub[];
  readonly states: Map<string, string>;
  /** File of the persistent stubs, which survive a restart. */
  readonly file: string;
  readonly library: MockttpLibrary;
}

export type MockttpLibrary = typeof import('mockttp');

/** Throws `Refusal` for a mapping that this server would answer differently from WireMock. */
export function readStub(value: Json, pointer: string): Stub {
  const json = mapAt(value, pointer);
  onlyKeys(json, pointer, keys);
  const id = textAt(json.id ?? json.uuid ?? randomUUID(), `${pointer}/id`);
  return {
    id,
    priority: numberAt(json.priority, `${pointer}/priority`, defaultPriority),
    json: { ...json, id, uuid: id },
    matches: requestTest(json.request, `${pointer}/request`),
    answer: answerOf(json.response, `${pointer}/response`),
  };
}

/** Adds a stub or replaces the one with its id. */
export function putStub(stubs: Stubs, stub: Stub): void {
  dropStub(stubs, stub.id);
  stubs.all.unshift(stub);
}

/** False if no stub has this id. */
export function dropStub(stubs: Stubs, id: string): boolean {
  const index = stubs.all.findIndex((one) => one.id === id);
  if (index >= 0) stubs.all.splice(index, 1);
  return index >= 0;
}

/** Marks all stubs as persistent and saves them. */
export function saveAll(stubs: Stubs): void {
  const marked = stubs.all.map((stub) => ({ ...stub, json: { ...stub.json, persistent: true } }));
  stubs.all.splice(0, stubs.all.length, ...marked);
  savePersistent(stubs);
}

/** Writes the persistent stubs to the file. */
export function savePersistent(stubs: Stubs): void {
  const persistent = stubs.all.filter(({ json }) => json.persistent === true).map(({ json }) => json);
  writeFileSync(`${stubs.file}.new`, JSON.stringify(persistent));
  renameSync(`${stubs.file}.new`, stubs.file);
}

/** Replaces all stubs by the persistent ones and resets the scenarios. */
export function restore(stubs: Stubs): void {
  const persistent = persistentIn(stubs.file).map((json) => readStub(json, ''));
  stubs.all.splice(0, stubs.all.length, ...persistent);
  stubs.states.clear();
}

function persistentIn(file: string): readonly Json[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as readonly Json[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

export const stateOf = (stubs: Stubs, scenario: string): string => stubs.states.get(scenario) ?? startState;

export interface RuleOptions {
  /** Added to the stub's own delay. */
  readonly delayMs: number;
  readonly record: (request: CompletedRequest, stub: Stub) => Promise<void>;
}

/** The mockttp rule of a stub; mockttp prefers higher priorities. */
export function ruleOf(stubs: Stubs, stub: Stub, { delayMs, record }: RuleOptions): RequestRuleData {
  const { library } = stubs;
  const { scenarioName: scenario, requiredScenarioState: required, newScenarioState: next } = stub.json;
  const inState = (): boolean =>
    typeof scenario !== 'string' || required === undefined || stateOf(stubs, scenario) === required;
  const delay = stub.answer.delayMs + delayMs;
  const reply = new library.requestSteps.CallbackStep(async (request) => {
    await record(request, stub);
    if (typeof scenario === 'string' && typeof next === 'string') stubs.states.set(scenario, next);
    return stub.answer.result;
  });
  return {
    id: stub.id,
    priority: 1e6 - stub.priority,
    matchers: [new library.matchers.CallbackMatcher(async (request) => inState() && (await stub.matches(request)))],
    steps: [...(delay > 0 ? [new library.requestSteps.DelayStep(delay)] : []), reply],
    completionChecker: new library.completionCheckers.Always(),
  };
}
