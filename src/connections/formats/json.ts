import type { Format, Variable } from './variable.js';

export const json: Format = {
  name: 'json',
  refuse: () => null,
  write: (variables) => `${JSON.stringify(Object.fromEntries(variables), null, 2)}\n`,
  read: (text) => Object.entries(JSON.parse(text)).map(([name, value]): Variable => [name, String(value)]),
};
