import { commandResult } from './command-result.js';
import { probeKind } from './probe-kind.js';

declare module '../../model/service.js' {
  interface ProbeFields<Text, Options> {
    readonly healthcheck: { readonly test: readonly Text[]; readonly timeoutMs: number };
  }
}

/** A Compose or image healthcheck, run by envctl at its own interval. */
export const healthcheck = probeKind({
  kind: 'healthcheck',
  form: 'none',
  askedFrom: 'service',
  cheap: false,
  bind: ({ test, timeoutMs }, fill) => ({ test: test.map(fill.text), timeoutMs }),
  ask: async ({ test, timeoutMs }, { access }) =>
    commandResult(await access.exec(healthcheckArgv(test), { timeoutMs })),
});

/** Compose's forms: `CMD a b`, `CMD-SHELL "a b"` (docs.docker.com/reference/dockerfile/#healthcheck). */
const healthcheckArgv = (test: readonly string[]): readonly string[] =>
  test[0] === 'CMD-SHELL' ? ['/bin/sh', '-c', test.slice(1).join(' ')] : test[0] === 'CMD' ? test.slice(1) : test;
