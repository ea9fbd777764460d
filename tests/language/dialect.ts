/** The expressions that this repository does not use, with what to write instead. */

interface Expression {
  readonly pattern: RegExp;
  readonly use: string;
  /** A line that the pattern refuses. */
  readonly bad: string;
  /** A line of good English that it must not refuse. */
  readonly good?: string;
}

export const dialect: readonly Expression[] = [
  { pattern: /\bmend(?:s|ed|ing)?\b/i, use: 'fix', bad: 'Mend the file', good: 'recommended, amend' },
  { pattern: /\banew\b/i, use: 'again', bad: 'reads it anew', good: 'a new one' },
  { pattern: /\bwholly\b/i, use: 'completely', bad: 'is not wholly removed' },
  { pattern: /\bwhoever\b/i, use: 'the caller, the user, code that …', bad: 'whoever started it' },
  {
    pattern: /\btells?\b(?!.* apart)|\btold\b/i,
    use: 'report, print, show, return',
    bad: 'the engine tells the address',
    good: 'to tell two runs apart',
  },
  {
    pattern: /\bstands?\b(?!-)|\bstood\b|\bstanding\b/i,
    use: 'is, is written, is set; represent',
    bad: 'where it stands in the file',
    good: 'standalone, standard, understand',
  },
  { pattern: /\bof (?:theirs|ours|yours|hers)\b/i, use: 'their own, another, our', bad: 'a file of theirs' },
  { pattern: /\bbeside (?:itself|themselves|it|them)\b/i, use: 'next to, except', bad: 'imports beside itself' },
  { pattern: /\bonce more\b/i, use: 'again', bad: 'asked once more' },
  { pattern: /\b(?:is|are|was|were) to be\b/i, use: 'must be, will be', bad: 'data that is to be kept' },
  { pattern: /\bnothing of\b/i, use: 'no …, not running', bad: 'nothing of it runs' },
  { pattern: /\b(?:goes|gone|go) with\b/i, use: 'is removed with, belongs to', bad: 'the volume goes with it' },
  { pattern: /\bby hand\b/i, use: 'manually', bad: 'remove it by hand', good: 'by handing over' },
  { pattern: /\bso that it is\b/i, use: 'so it is', bad: 'copied so that it is there' },
  { pattern: /\bgone\b/i, use: 'removed, missing, exited', bad: 'the container is gone' },
  { pattern: /\bmay not be there\b/i, use: 'may be missing', bad: 'a file that may not be there' },
  {
    pattern: /\bas (?:it is|they are)\b/i,
    use: 'unchanged',
    bad: 'left as it is',
    good: 'as it starts',
  },
  { pattern: /\blook(?:s|ed|ing)? after\b/i, use: 'manage', bad: 'looks after the lock' },
  { pattern: /\bsaid\b/i, use: 'declared, set, printed, reported', bad: 'unless said otherwise' },
  { pattern: /\btaken for\b|\btakes? (?:it|them) for\b/i, use: 'treat as', bad: 'it is taken for dead' },
  { pattern: /\bput in\b(?! (?:a|the|quotes|place)\b)/i, use: 'inserted, loaded, filled in', bad: 'rows put in by it' },
  { pattern: /\blet(?:s|ting)? go\b|\blet (?:it|them) go\b/i, use: 'release, delete', bad: 'let them go' },
  { pattern: /\bin any case\b/i, use: 'always', bad: 'removed in any case' },
  { pattern: /\bby (?:its|their) words\b/i, use: 'by its message', bad: 'known by its words' },
  { pattern: /\bthe whole of\b/i, use: 'all of, the whole', bad: 'the whole of it' },
  { pattern: /\b(?:is|are) none\b/, use: 'if there is no …, without', bad: 'a pattern that is none' },
  {
    pattern: /\bwhere (?:there|nothing|nobody|none|no)\b/i,
    use: 'if, when',
    bad: 'Where there is no port, the host is used',
    good: 'where the file is',
  },
  { pattern: /\/\*\* (?:What|Where)\b/, use: 'start with the noun', bad: '/** What a service needs. */' },
  { pattern: /\bevidence\b/i, use: 'diagnostics', bad: 'evidence kept in x' },
  { pattern: /\bsweep(?:s|ing)?\b|\bswept\b/i, use: 'recheck, cleanup', bad: 'a sweep over all gates' },
  { pattern: /\bclear(?:s|ed|ing)? (?:it |them )?(?:up|away)\b/i, use: 'remove, clean up', bad: 'cleared up after it' },
  { pattern: /\bpatien(?:ce|tly)\b/i, use: 'time limit, grace period', bad: 'its patience is over' },
  { pattern: /(?<!\bin )\bfacts?\b/i, use: 'property', bad: 'the facts of a connection', good: 'in fact' },
  { pattern: /\bwaits? for each other\b/i, use: 'dependency cycle', bad: 'these wait for each other' },
  { pattern: /\bbegun\b/i, use: 'started', bad: 'it has begun' },
  { pattern: /\bdivided by\b/i, use: 'separated by', bad: 'names divided by ":"' },
  { pattern: /\bmade up\b/i, use: 'generated', bad: 'ports are made up' },
  { pattern: /\bpassed over\b/i, use: 'skipped', bad: 'the engine was passed over' },
  { pattern: /\brings? of imports\b|\bimport rings?\b/i, use: 'import cycle', bad: 'there is no ring of imports' },
  { pattern: /\bbut for\b/i, use: 'except', bad: 'parameters but for secrets' },
  { pattern: /\bfor so long\b|\bso many (?!.*that)/i, use: 'for this many ms, at most N', bad: 'waits for so long' },
  { pattern: /\bsomebody\b/i, use: 'someone, another user, another program', bad: 'somebody removed it' },
  { pattern: /’/, use: "'", bad: 'a service’s port' },
  {
    pattern: /colour|behaviour|honour|favour|neighbour|licence\b/i,
    use: 'American spelling',
    bad: 'a colour',
    good: 'color, license',
  },
  {
    pattern: /(?:normal|recogn|organ|initial|serial|optim|synchron)is(?:e|ed|ing|er|ation)\b/i,
    use: 'American spelling: …ize',
    bad: 'a normalised profile',
    good: 'recognises: [postgres]',
  },
];
