import type { Format } from './variable.js';
import { impossible, readAll, reason } from './variable.js';

/** Names a job may not set (GitHub Docs, "Workflow commands: setting an environment variable"). */
const own = /^(?:GITHUB_\w*|RUNNER_\w*|NODE_OPTIONS)$/i;

/** GitHub Actions: `envctl env --format github >> "$GITHUB_ENV"`. Rules: actions/runner, FileCommandManager.cs. */
export const github: Format = {
  name: 'github',
  refuse: ([name, value]) => {
    if (own.test(name)) return 'a name that GitHub keeps for itself';
    // On Windows the runner treats it as part of the following line end.
    if (value.endsWith('\r')) return 'a carriage return at its end';
    return reason(value, impossible);
  },
  write: (variables) =>
    variables
      .map(([name, value]) => {
        const delimiter = unused(value);
        return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
      })
      .join(''),
  read: (text) => readAll(text, /^(\w+)<<(\w+)\n([\s\S]*?)\n\2\n/gmy, ([, value = '']) => value),
};

function unused(value: string): string {
  let delimiter = 'ENVCTL_END';
  while (value.includes(delimiter)) delimiter += '_';
  return delimiter;
}
