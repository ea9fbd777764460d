import { parseArgs } from 'node:util';

export const keys = ['a', 'b', 'c', 'envctl'];

const usage = `npm run bench -- [shop|gates|cli|embedded] [options]
  --rounds <n>              rounds (shop 9, gates 30, cli 20, embedded 9)
  --storage memory|disk|both   shop: where the stores live (both)
  --only a,b,c,envctl       shop: only these contenders
  --breakdown               shop: when each step of envctl and of the floor was done
  --idle-wait <s>           shop: how long to wait before each start for an idle machine (10)
  --json <file>             all figures, for other programs
  --strict                  exit 1 when a target is missed`;

/** The options of the command line; exits with the usage if they are invalid. */
export function readOptions(words) {
  try {
    return parse(words);
  } catch (error) {
    console.error(`${error.message}\n\n${usage}`);
    process.exit(2);
  }
}

function parse(words) {
  const text = { type: 'string' };
  const flag = { type: 'boolean', default: false };
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      rounds: text,
      storage: { ...text, default: 'both' },
      only: text,
      json: text,
      'idle-wait': { ...text, default: '10' },
      breakdown: flag,
      strict: flag,
      help: flag,
    },
  });
  const [what = 'shop', ...rest] = positionals;
  if (values.help || rest.length > 0) throw new Error('Compares how long environments take.');
  const only = values.only?.split(',') ?? keys;
  check('benchmark', [what], ['shop', 'gates', 'cli', 'embedded']);
  check('contender', only, keys);
  check('storage', [values.storage], ['memory', 'disk', 'both']);
  const rounds = values.rounds === undefined ? null : Number(values.rounds);
  if (rounds !== null && !(Number.isInteger(rounds) && rounds > 0))
    throw new Error(`--rounds takes a number from 1, not ${values.rounds}`);
  const idleWait = Number(values['idle-wait']);
  if (!(idleWait >= 0)) throw new Error(`--idle-wait takes seconds, not ${values['idle-wait']}`);
  return {
    ...values,
    idleWait,
    what,
    only,
    rounds,
    storages: values.storage === 'both' ? ['memory', 'disk'] : [values.storage],
  };
}

function check(what, words, known) {
  for (const word of words)
    if (!known.includes(word)) throw new Error(`there is no ${what} ${word}; known: ${known.join(', ')}`);
}
