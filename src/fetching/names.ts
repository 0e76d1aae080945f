/**
 * Looking up the host of a fetch, for one connection: every address that the name has must be within
 * reach, and the connection goes to one of exactly these.
 *
 * Names of the Internet are asked of the name servers, each with a time-out: the system's own look-up
 * gives up after half a minute, and its few threads are those that hash passwords. Where loopback or
 * private networks are within reach the system is asked, since their names are known from files and
 * services of the machine.
 *
 * @module
 */

import { type LookupAddress, type LookupOptions, type lookup, promises } from 'node:dns';
import { FetchRefusedError } from './fetch-refused-error.ts';
import { type FetchReach, mayReach } from './networks.ts';

/** Finds the addresses of a host. @throws whatever the look-up says, or that it took too long. */
export type FindAddresses = (host: string) => Promise<readonly LookupAddress[]>;

const timeoutMs = 1_000;

/** @returns how the names within that reach are looked up. */
export function namesWithin({ loopback, privateNetworks }: FetchReach): FindAddresses {
  return loopback || privateNetworks ? askSystem : askNameServers();
}

/** @param servers the name servers' addresses; without them those of the system. */
export function askNameServers(servers?: readonly string[]): FindAddresses {
  const resolver = new promises.Resolver({ timeout: timeoutMs, tries: 1, maxTimeout: timeoutMs });
  if (servers !== undefined) resolver.setServers(servers);
  return async (host) => {
    const [four, six] = await Promise.allSettled([
      resolver.resolve4(host),
      resolver.resolve6(host),
    ]);
    const found = [
      ...(four.status === 'fulfilled' ? four.value.map((address) => ({ address, family: 4 })) : []),
      ...(six.status === 'fulfilled' ? six.value.map((address) => ({ address, family: 6 })) : []),
    ];
    if (found.length === 0 && four.status === 'rejected') throw four.reason;
    return found;
  };
}

async function askSystem(host: string): Promise<readonly LookupAddress[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(reject, timeoutMs, new FetchRefusedError(`${host} was not found in time`));
  });
  try {
    return await Promise.race([promises.lookup(host, { all: true }), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** @returns the look-up that a connection is made with. */
export function guardedLookup(reach: FetchReach, find: FindAddresses): typeof lookup {
  const look = (host: string, options: LookupOptions, answer: Answer): void => {
    find(host).then((found) => {
      const fault = faultOf(host, found, reach);
      if (fault !== undefined) return answer(fault, []);
      if (options.all === true) return answer(null, [...found]);
      const [first] = found;
      return answer(null, first?.address, first?.family);
    }, answer);
  };
  return look as typeof lookup;
}

type Answer = (
  error: NodeJS.ErrnoException | null,
  address?: string | LookupAddress[],
  family?: number,
) => void;

function faultOf(host: string, found: readonly LookupAddress[], reach: FetchReach) {
  if (found.length === 0) return new FetchRefusedError(`${host} has no address`);
  const isBarred = found.some(({ address }) => !mayReach(address, reach));
  return isBarred ? outOfReach(host) : undefined;
}

/** The error of a host that must not be reached. */
export function outOfReach(host: string): FetchRefusedError {
  return new FetchRefusedError(`${host} is in a network that must not be reached`);
}
