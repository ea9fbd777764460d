import { deadline } from '../../model/deadline.js';
import { formatDuration } from '../../model/durations.js';
import { EnvctlError } from '../../model/errors.js';
import type { SeedTask, ServiceAccess } from '../../model/protocol.js';
import type { SeedStepOf } from '../../model/service.js';
import { messageOf } from '../shared/errors.js';
import { excerpt, exchange, type HttpAnswer, urlAt } from '../shared/http-exchange.js';

type HttpStep = SeedStepOf<'http', string>;

const REQUEST_MS = 30_000;

/**
 * Sends one request to a path of the service or to an absolute URL. Writes no ledger entry.
 * Throws SEED_FAILED at the step if nothing answers, or not with the accepted status.
 */
export async function seedHttp(access: ServiceAccess, task: SeedTask<'http'>): Promise<number> {
  const { step } = task;
  const url = target(access, step);
  const answer = await send(access, task, url);
  const fits = step.status === null ? answer.status >= 200 && answer.status < 300 : answer.status === step.status;
  if (fits) return 1;
  throw new EnvctlError('SEED_FAILED', `${requestName(step, url)} answered ${answer.status}`, {
    hint: `Fix the request, or accept this status: \`status: ${answer.status}\`.`,
    detail: excerpt(answer.body, 2000),
    position: step.position,
  });
}

function target(access: ServiceAccess, step: HttpStep): URL {
  if (URL.canParse(step.url)) return new URL(step.url);
  if (access.address !== null) return urlAt(access.address, step.url);
  throw new EnvctlError('SEED_FAILED', `Service "${access.service}" has no address on this host`, {
    hint: 'Give the service a port, or write an absolute URL.',
    position: step.position,
  });
}

async function send(access: ServiceAccess, { step, host }: SeedTask<'http'>, url: URL): Promise<HttpAnswer> {
  const body = step.file === null ? step.body : await host.read(step.file);
  const signal = deadline(REQUEST_MS, access.signal);
  try {
    return await exchange(url, {
      method: step.method,
      headers: step.headers,
      signal,
      ...(body === null ? {} : { body }),
    });
  } catch (error) {
    access.signal.throwIfAborted();
    const why = signal.aborted ? `no answer within ${formatDuration(REQUEST_MS)}` : messageOf(error);
    throw new EnvctlError('SEED_FAILED', `${requestName(step, url)}: ${why}`, {
      hint: 'Check the URL. If another service must be up first, add it: `seed: { after: [service], steps: … }`.',
      position: step.position,
      cause: error,
    });
  }
}

/** The request without user, password and query, which may be secrets. */
const requestName = (step: HttpStep, url: URL): string => `${step.method} ${url.protocol}//${url.host}${url.pathname}`;
