/**
 * Dear work that many ask for is done by a few at once; those who wait take turns by the network that
 * they come from, and there by account, so that nobody's flood makes the others wait behind it.
 *
 * When the queue is full, who comes from a network with fewer waiting replaces the newest
 * from the network with the most.
 *
 * @module
 */

import { TooBusyError } from './errors.ts';

/** For whom the work is done. */
export interface Share {
  readonly network: string;
  readonly account: string;
}

/** How much may run, and how much may wait: in all, and for one account. */
interface Room {
  readonly running: number;
  readonly waiting: number;
  readonly waitingPerAccount: number;
}

interface Waiting {
  readonly share: Share;
  start(): void;
  refuse(error: TooBusyError): void;
}

/** Work of nobody in particular counts as one network, and is bounded by the queue alone. */
export const nobodysShare: Share = { network: '', account: '' };

/** A queue of work. */
export interface FairTurns {
  /**
   * Does the work when it is its turn.
   *
   * @throws {TooBusyError} the queue is full, or another caller took the turn.
   */
  inTurn<T>(share: Share, work: () => Promise<T>): Promise<T>;
  /** @returns how much is being done, and how much waits. */
  load(): { readonly running: number; readonly waiting: number };
}

/** Makes a queue. */
export function createFairTurns(room: Room): FairTurns {
  const queue: Waiting[] = [];
  const served = { networks: new Map<string, number>(), accounts: new Map<string, number>() };
  let turns = 0;
  let running = 0;

  const turn = (share: Share): Promise<void> => {
    makeRoom(queue, share, room);
    return new Promise((start, refuse) => queue.push({ share, start, refuse }));
  };
  const serve = ({ network, account }: Share) => {
    turns += 1;
    served.networks.set(network, turns);
    served.accounts.set(account, turns);
  };
  const next = () => {
    const longest = queue.toSorted(
      ({ share: a }, { share: b }) =>
        (served.networks.get(a.network) ?? 0) - (served.networks.get(b.network) ?? 0) ||
        (served.accounts.get(a.account) ?? 0) - (served.accounts.get(b.account) ?? 0),
    )[0];
    if (longest === undefined) {
      running -= 1;
      for (const known of [served.networks, served.accounts]) known.clear();
      return;
    }
    queue.splice(queue.indexOf(longest), 1);
    serve(longest.share);
    longest.start();
  };

  return {
    load: () => ({ running, waiting: queue.length }),
    async inTurn(share, work) {
      if (running < room.running) {
        running += 1;
        serve(share);
      } else await turn(share);
      try {
        return await work();
      } finally {
        next();
      }
    },
  };
}

function makeRoom(queue: Waiting[], { network, account }: Share, room: Room): void {
  const ofAccount = queue.filter(({ share }) => share.account === account).length;
  if (account !== '' && ofAccount >= room.waitingPerAccount) throw full();
  if (queue.length < room.waiting) return;
  const counts = countBy(queue);
  const [most = network] = Array.from(counts).toSorted(([, a], [, b]) => b - a)[0] ?? [];
  if ((counts.get(most) ?? 0) <= (counts.get(network) ?? 0) + 1) throw full();
  const newest = queue.findLastIndex(({ share }) => share.network === most);
  queue.splice(newest, 1)[0]?.refuse(full());
}

function countBy(queue: readonly Waiting[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { share } of queue) counts.set(share.network, (counts.get(share.network) ?? 0) + 1);
  return counts;
}

function full(): TooBusyError {
  return new TooBusyError('too much of this work is waiting');
}
