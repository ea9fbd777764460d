import type { LastUp } from '../files/connection-files.js';
import { deriveSecret } from '../files/secrets.js';
import type { Observed } from '../model/observed.js';

export interface SecretLookup {
  /** The secret a service has, or will have when it is created. */
  expected(service: string, parameter: string): string;
  /** The secret a replica has now. A container may not reveal it; then the last `up` knows it. */
  observed(replica: Observed, parameter: string): string;
}

export interface SecretSources {
  readonly instance: string;
  readonly observed: readonly Observed[];
  readonly lastUp: LastUp;
  /** The user's key, from which secrets of new services are derived. */
  readonly key: Uint8Array;
}

export function secretLookup({ instance, observed, lastUp, key }: SecretSources): SecretLookup {
  const expected = (service: string, parameter: string): string => {
    // The key may have been lost since the service was created, so the service's own variables come first.
    const replica = observed.find((one) => one.service === service && one.record !== null);
    return (replica && secretIn(replica, parameter)) ?? deriveSecret(key, { instance, service, parameter });
  };
  return {
    expected,
    observed: (replica, parameter) =>
      secretIn(replica, parameter) ??
      lastUp.parameters[replica.service]?.[parameter] ??
      expected(replica.service, parameter),
  };
}

function secretIn(replica: Observed, parameter: string): string | undefined {
  return replica.record?.secrets[parameter]
    ?.map((variable) => replica.env[variable])
    .find((value) => value !== undefined && value !== '');
}
