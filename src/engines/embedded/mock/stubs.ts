/** The mappings a server holds, and the states of their scenarios. */
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
const usualPriority = 5;

export interface Stub {
  readonly id: string;
  /** 1 is asked first. */
  readonly priority: number;
  readonly json: JsonMap;
  readonly matches: RequestTest;
  readonly answer: StubAnswer;
}

export interface Stubs {
  /** Newest first, which is also the order in which equals are asked. */
  readonly all: Stub[];
  readonly states: Map<string, string>;
  /** Where those that outlive a restart are kept. */
  readonly file: string;
  readonly library: MockttpLibrary;
}

export type MockttpLibrary = typeof import('mockttp');

/** Refuses what this server would not answer as WireMock does. */
export function readStub(value: Json, pointer: string): Stub {
  const json = mapAt(value, pointer);
  onlyKeys(json, pointer, keys);
  const id = textAt(json.id ?? json.uuid ?? randomUUID(), `${pointer}/id`);
  return {
    id,
    priority: numberAt(json.priority, `${pointer}/priority`, usualPriority),
    json: { ...json, id, uuid: id },
    matches: requestTest(json.request, `${pointer}/request`),
    answer: answerOf(json.response, `${pointer}/response`),
  };
}

/** Puts a stub in, in place of one with its id. */
export function putStub(stubs: Stubs, stub: Stub): void {
  dropStub(stubs, stub.id);
  stubs.all.unshift(stub);
}

/** false: there is none with that id. */
export function dropStub(stubs: Stubs, id: string): boolean {
  const index = stubs.all.findIndex((one) => one.id === id);
  if (index >= 0) stubs.all.splice(index, 1);
  return index >= 0;
}

/** Keeps those that are marked as persistent; `every` marks all of them first. */
export function save(stubs: Stubs, which: 'marked' | 'every'): void {
  if (which === 'every')
    stubs.all.splice(
      0,
      stubs.all.length,
      ...stubs.all.map((stub) => ({ ...stub, json: { ...stub.json, persistent: true } })),
    );
  const kept = stubs.all.filter(({ json }) => json.persistent === true).map(({ json }) => json);
  writeFileSync(`${stubs.file}.new`, JSON.stringify(kept));
  renameSync(`${stubs.file}.new`, stubs.file);
}

/** Back to what was kept. */
export function restore(stubs: Stubs): void {
  const kept = keptIn(stubs.file).map((json) => readStub(json, ''));
  stubs.all.splice(0, stubs.all.length, ...kept);
  stubs.states.clear();
}

function keptIn(file: string): readonly Json[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as readonly Json[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

export const stateOf = (stubs: Stubs, scenario: string): string => stubs.states.get(scenario) ?? startState;

export interface RuleOptions {
  /** On top of a stub's own delay. */
  readonly delayMs: number;
  readonly record: (request: CompletedRequest, stub: Stub) => Promise<void>;
}

/** A stub as a rule of mockttp, which asks higher priorities first. */
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
