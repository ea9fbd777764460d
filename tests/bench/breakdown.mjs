/** The end of each step of envctl and of the floor, in ms since the process was spawned. */
import { median, table, whole } from './statistics.mjs';

export function breakdown(runs) {
  const [mine, theirs] = [runs.envctl, runs.c].map((all = []) => all.filter(({ failure }) => failure === undefined));
  if (mine.length === 0 || theirs.length === 0) return;
  const ours = mine.map(envctlMoments);
  const floors = theirs.map(floorMoments);
  const names = [...new Set(ours.flatMap(Object.keys))];
  const at = (moments, name) => {
    const known = moments.map((one) => one[name]).filter((moment) => moment !== undefined);
    return known.length === 0 ? null : median(known);
  };
  const rows = names
    .map((name) => ({ name, ours: at(ours, name), floor: at(floors, name) }))
    .sort((x, y) => x.ours - y.ours);
  const write = (number) => (number === null ? '' : whole(number));
  const cells = rows.map((row) => [
    row.name,
    write(row.ours),
    write(row.floor),
    row.floor === null ? '' : whole(row.ours - row.floor),
  ]);
  console.log(`\n${table([['done after (ms, medians)', 'envctl', 'floor', 'later by'], ...cells])}`);
}

/** When each line of envctl's events arrived here. */
function envctlMoments({ lines, startedAt, exited, seen }) {
  const moments = {};
  for (const { text, at } of lines) {
    const event = text.startsWith('{') ? JSON.parse(text) : {};
    const name = nameOf(event);
    if (name !== null) moments[name] = at - startedAt;
  }
  return { ...moments, ...seenMoments(seen), 'process ended': exited };
}

function nameOf(event) {
  if (event.type === 'begin') return 'begin (started, resolved)';
  if (event.type === 'image') return `image ${event.work} ${event.state}`;
  if (event.type === 'end') return 'end event';
  if (event.type !== 'step') return null;
  const id = event.service === null ? event.step : `${event.step}:${event.service}`;
  return event.state === 'done' ? id : event.step === 'create' ? 'create begins' : null;
}

function floorMoments({ lines, startedAt, exited, seen }) {
  const last = lines.findLast(({ text }) => text.startsWith('{"done"'));
  const { done } = JSON.parse(last.text);
  const moments = Object.fromEntries(Object.entries(done).map(([id, at]) => [id, at - startedAt]));
  return { ...moments, ...seenMoments(seen), 'process ended': exited };
}

const seenMoments = (seen) => Object.fromEntries(Object.entries(seen).map(([name, ms]) => [`prober sees ${name}`, ms]));
