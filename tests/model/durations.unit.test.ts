import { expect, test } from 'vitest';
import { formatDuration, milliseconds } from '../../src/model/durations.js';

test.each([
  ['1m30s', 90_000],
  ['200ms', 200],
  [5, 5000],
  ['7', 7000],
  ['soon', null],
])('reads the duration %s as %s ms', (text, ms) => {
  expect(milliseconds(text)).toBe(ms);
});

test.each([
  [-5, '0ms'],
  [0, '0ms'],
  [0.4, '0ms'],
  [349.6, '350ms'],
  [999.4, '999ms'],
])('writes %s ms, which is below a second, as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [999.5, '1.0s'],
  [1_449, '1.4s'],
  [1_450, '1.4s'],
  [59_949, '59.9s'],
])('writes %s ms with one decimal as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [59_950, '1m 0s'],
  [125_400, '2m 5s'],
  [3_599_499, '59m 59s'],
])('writes %s ms in minutes as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [3_599_500, '1h 0m'],
  [3_780_000, '1h 3m'],
  [86_400_000, '24h 0m'],
])('writes %s ms in hours as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
