#!/usr/bin/env node
/**
 * Records docs/assets/up.svg: runs the real commands in a pseudo-terminal (`script` of util-linux), replays their output in a
 * terminal emulator and writes the frames as one animated SVG. `npm run record`, on Linux, after `npm run build`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import xterm from '@xterm/headless';

const root = fileURLToPath(new URL('../../', import.meta.url));
const columns = 96;
const rows = 30;
const scenes = [
  'envctl up quickstart',
  'envctl run quickstart -- node --test environments/quickstart/smoke/',
  'envctl down quickstart',
];

/** Limits of one frame's duration, ms: shorter changes are merged, longer pauses are cut. */
const shortest = 120;
const longest = 1200;

const palette = ['#6e7681', '#ff7b72', '#56d364', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd', '#c9d1d9'];

const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
const write = (text) => new Promise((resolve) => terminal.write(text, resolve));
const percent = (value, more = 0) => `${(value + more).toFixed(3)}%`;
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const frames = [];
for (const scene of scenes) {
  await type(scene);
  await perform(scene);
  await hold(1800);
}
writeFileSync(fileURLToPath(new URL('up.svg', import.meta.url)), render(merged(frames)));
console.log(`${frames.length} frames, ${rows} rows`);

async function type(command) {
  await write('\x1b[32m$\x1b[0m ');
  for (const word of command.split(/(?<= )/)) {
    await write(word);
    frames.push({ screen: screen(), ms: 160 });
  }
  await write('\r\n');
}

/** Runs the command in a terminal of the same size and takes a frame of every change. */
async function perform(command) {
  const script = `stty cols ${columns} rows ${rows}; exec ${command.replace(/^envctl/, `${process.execPath} bin/envctl.js`)}`;
  const { CI: _, ENVCTL_IMAGES: __, ...env } = process.env;
  const child = spawn('script', ['-qec', script, '/dev/null'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...env, TERM: 'xterm-256color', ENVCTL_ENGINE: 'embedded' },
  });
  const closed = once(child, 'close');
  let last = performance.now();
  for await (const chunk of child.stdout) {
    const now = performance.now();
    if (frames.length > 0) frames.at(-1).ms = now - last;
    last = now;
    await write(chunk);
    frames.push({ screen: screen(), ms: shortest });
  }
  const [code] = await closed;
  if (code !== 0) throw new Error(`${command} exited with code ${code}`);
}

async function hold(ms) {
  frames.push({ screen: screen(), ms });
  frames.at(-1).held = true;
}

/** The visible lines as runs of equally styled text. */
function screen() {
  const { active } = terminal.buffer;
  return Array.from({ length: rows }, (_, row) => lineAt(active.getLine(active.baseY + row)));
}

function lineAt(line) {
  const runs = [];
  for (let x = 0; line && x < columns; x++) {
    const cell = line.getCell(x);
    const text = cell.getChars() || ' ';
    const style = styleOf(cell);
    const previous = runs.at(-1);
    if (previous?.style === style) previous.text += text;
    else runs.push({ x, text, style });
  }
  return runs.flatMap((run) => (run.text.trim() === '' ? [] : [{ ...run, text: run.text.trimEnd() }]));
}

function styleOf(cell) {
  const color = cell.isFgPalette() ? `fill="${palette[cell.getFgColor() % 8]}" ` : '';
  return `${color}${cell.isBold() ? 'font-weight="700" ' : ''}${cell.isDim() ? 'opacity="0.65" ' : ''}`;
}

/** Frames that look the same or pass too quickly become one. */
function merged(all) {
  const kept = [];
  for (const { screen: seen, ms, held } of all) {
    const key = JSON.stringify(seen);
    const previous = kept.at(-1);
    const time = held ? ms : Math.min(ms, longest);
    if (previous?.key === key) previous.ms += time;
    else if (previous !== undefined && previous.ms < shortest)
      Object.assign(previous, { key, seen, ms: previous.ms + time });
    else kept.push({ key, seen, ms: time });
  }
  return kept;
}

function render(all) {
  const size = { width: 8.43, height: 18 };
  const total = all.reduce((sum, { ms }) => sum + ms, 0);
  const known = new Map();
  let start = 0;
  const groups = all.map(({ seen, ms }, index) => {
    const [from, to] = [(100 * start) / total, (100 * (start + ms)) / total];
    start += ms;
    const uses = seen.flatMap((runs, row) =>
      runs.length === 0 ? [] : [`<use href="#${idOf(known, runs, size)}" y="${row * size.height}"/>`],
    );
    const isLast = index === all.length - 1;
    const keys = `@keyframes f${index}{0%,${percent(from)}{visibility:hidden}${percent(from, 0.001)},${percent(to)}{visibility:visible}${isLast ? '' : `${percent(to, 0.001)},100%{visibility:hidden}`}}`;
    const name = isLast ? 'last' : 'frame';
    return { css: keys, svg: `<g class="${name}" style="animation-name:f${index}">${uses.join('')}</g>` };
  });
  const [width, height] = [Math.ceil(columns * size.width + 32), rows * size.height + 56];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img">
<title>envctl brings an environment up, runs tests against it, and takes it down</title>
<style>
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#c9d1d9;white-space:pre}
.frame,.last{animation:0s linear ${(total / 1000).toFixed(1)}s infinite;animation-duration:${(total / 1000).toFixed(1)}s;animation-delay:0s}
.frame{visibility:hidden}
@media (prefers-reduced-motion:reduce){.frame,.last{animation:none!important}}
${groups.map(({ css }) => css).join('\n')}
</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<circle cx="20" cy="18" r="6" fill="#ff5f56"/><circle cx="40" cy="18" r="6" fill="#ffbd2e"/><circle cx="60" cy="18" r="6" fill="#27c93f"/>
<defs>
${[...known.values()].map(({ id, svg }) => `<g id="${id}">${svg}</g>`).join('\n')}
</defs>
<g transform="translate(16 52)">
${groups.map(({ svg }) => svg).join('\n')}
</g>
</svg>
`;
}

/** Each distinct line is drawn once and used in many frames. */
function idOf(known, runs, { width }) {
  const key = JSON.stringify(runs);
  const found = known.get(key) ?? {
    id: `l${known.size}`,
    svg: runs
      .map(
        ({ x, text, style }) =>
          `<text ${style}x="${(x * width).toFixed(1)}" textLength="${(text.length * width).toFixed(1)}">${escaped(text)}</text>`,
      )
      .join(''),
  };
  known.set(key, found);
  return found.id;
}
