/** The questions that prober and floor put to services, over the services' own protocols and without envctl's code. */
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { textOf } from './engine.mjs';

/** Milliseconds on a clock that all processes of this machine share. */
export const now = () => Number(process.hrtime.bigint()) / 1e6;

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const attemptMs = 2000;
const agent = new Agent({ keepAlive: true });

/** One HTTP exchange: `{ status, body }`. */
export function http({ host, port }, path, { method = 'GET', body, timeout = attemptMs } = {}) {
  return new Promise((resolve, reject) => {
    const headers =
      body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sent = request({ host, port, path, method, headers, agent, timeout }, (response) => {
      textOf(response).then((text) => resolve({ status: response.statusCode, body: text }), reject);
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Sends commands down one connection and resolves with their replies: texts, numbers, nested lists. The first error reply rejects. */
export function redis({ host, port }, password, commands) {
  const all = password ? [['AUTH', password], ...commands] : commands;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let received = '';
    const end = (settle, value) => {
      socket.destroy();
      settle(value);
    };
    socket.setTimeout(attemptMs, () => end(reject, new Error('no answer')));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed')));
    socket.on('connect', () => socket.write(all.map(spell).join('')));
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      const replies = readReplies(received);
      const refusal = replies.find((reply) => reply instanceof Error);
      if (refusal) end(reject, refusal);
      else if (replies.length >= all.length) end(resolve, replies.slice(all.length - commands.length));
    });
  });
}

const spell = (words) =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(String(word))}\r\n${word}\r\n`).join('')}`;

function readReplies(text) {
  const replies = [];
  for (let at = 0; at < text.length; ) {
    const read = readReply(text, at);
    if (read === null) break;
    replies.push(read.value);
    at = read.next;
  }
  return replies;
}

/** One reply (https://redis.io/docs/latest/develop/reference/protocol-spec/); null: not all of it is there. */
function readReply(text, at) {
  const end = text.indexOf('\r\n', at);
  if (end < 0) return null;
  const [kind, rest, next] = [text[at], text.slice(at + 1, end), end + 2];
  if (kind === '-') return { value: new Error(rest), next };
  if (kind === ':') return { value: Number(rest), next };
  if (kind === '$' && rest !== '-1')
    return text.length < next + Number(rest) + 2
      ? null
      : { value: text.slice(next, next + Number(rest)), next: next + Number(rest) + 2 };
  return kind === '*' ? readList(text, next, Number(rest)) : { value: rest, next };
}

function readList(text, from, count) {
  const value = [];
  let next = from;
  for (let index = 0; index < count; index++) {
    const item = readReply(text, next);
    if (item === null) return null;
    value.push(item.value);
    next = item.next;
  }
  return { value, next };
}

/** A connected client of the driver, or a rejection; the driver is loaded with the first. */
export async function postgres(login) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ ...login, ssl: false, connectionTimeoutMillis: attemptMs });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Resolves when a container's log, followed from its start, matches; rejects when the log ends without. */
export async function logLine(engine, id, pattern) {
  const response = await engine.stream(`/containers/${id}/logs?follow=1&stdout=1&stderr=1`);
  const wanted = new RegExp(pattern);
  let text = '';
  try {
    for await (const chunk of response) {
      text += chunk.toString('latin1');
      if (wanted.test(text)) return;
    }
  } finally {
    response.destroy();
  }
  throw new Error(`the log ended without /${pattern}/`);
}

/** The published port of an inspected container: `{ host, port }`, or null. */
export function addressOf({ NetworkSettings }) {
  const [binding] = Object.values(NetworkSettings.Ports ?? {}).flatMap((bindings) => bindings ?? []);
  return binding ? { host: '127.0.0.1', port: Number(binding.HostPort) } : null;
}

export const variables = ({ Config }) =>
  Object.fromEntries(Config.Env.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
