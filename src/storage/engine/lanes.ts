/**
 * The three sets of connections.
 *
 *   deciding   the statements behind what a token may do; planned once, by index, whatever the tables hold
 *   reading    lists and pages; planned by what the tables hold
 *   writing    changes, which find their rows by key; planned as what decides
 *
 * What only reads has connections of its own: a commit may wait for a standby that is away, and
 * answers must not wait behind it.
 *
 * @module
 */

import type pg from 'pg';
import { type Connections, openConnections } from './connections.ts';
import { findSettingsWay, type SettingsWay } from './pooler.ts';
import {
  asOptions,
  asStatement,
  type SessionSettings,
  sessionSettings,
} from './session-settings.ts';
import { type StandbyWatch, waitingCommits, watchStandby } from './standby-watch.ts';

/** The sets of connections. */
export type Lane = 'deciding' | 'reading' | 'writing';

/** How to reach the database; `shared` marks the embedded one, where all connections are one session. */
export interface DatabaseAddress {
  readonly connection: pg.PoolConfig;
  readonly shared: boolean;
  readonly poolSize: number;
  /** How a connection gets its settings; with its startup message where nothing is said. */
  readonly settingsWay?: SettingsWay;
}

/** Milliseconds to wait for a connection; the embedded database has one for all. */
const patience = { own: 2_500, shared: 30_000 };

/**
 * Milliseconds until a statement is ended: by the server, and a little later, when the server does not
 * answer at all, on our side. Questions are short. A COMMIT is bounded on our side only.
 */
const bounds = {
  deciding: { server: 3_000, client: 3_500 },
  reading: { server: 3_000, client: 3_500 },
  writing: { server: 8_000, client: 9_000 },
};

/** How long a COMMIT may take, on our side. */
export const commitBoundMilliseconds = 5_000;

/** The connections of each lane, and the watch over those that write. */
export type Lanes = Readonly<Record<Lane, Connections>> & { readonly watch: StandbyWatch };

/** How the statements of a lane are planned. */
const planningOf = { deciding: 'lookups', reading: 'usual', writing: 'lookups' } as const;

/**
 * Opens the lanes; connections are made when first needed, so this never waits.
 *
 * The embedded database has one connection, which nothing can silence.
 */
export function openLanes({ connection, shared, poolSize, settingsWay }: DatabaseAddress): Lanes {
  if (shared) {
    const connectionTimeoutMillis = patience.shared;
    const settings = { ...connection, max: poolSize, connectionTimeoutMillis };
    const all = openConnections(settings, { milliseconds: undefined, onSilence: () => {} });
    return { deciding: all, reading: all, writing: all, watch: watchStandby(async () => 0) };
  }
  const forReading = Math.ceil(poolSize / 2);
  const forDeciding = Math.ceil(forReading / 2);
  const settingsOf = (lane: Lane, max: number): pg.PoolConfig => ({
    ...connection,
    max,
    connectionTimeoutMillis: patience.own,
    ...settingUp(settingsWay, sessionSettings(bounds[lane].server, planningOf[lane])),
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
  });
  const open = (lane: Lane, max: number, onSilence: () => void) =>
    openConnections(settingsOf(lane, max), { milliseconds: bounds[lane].client, onSilence });
  const writing = open('writing', Math.max(1, poolSize - forReading), () => watch.suspect());
  // The network that silenced a question has silenced the writing connections, too.
  const deciding = open('deciding', forDeciding, () => renewOthers());
  // One connection for both, where there is no second.
  const reading =
    forReading === forDeciding
      ? deciding
      : open('reading', forReading - forDeciding, () => renewOthers());
  const renewOthers = () => {
    for (const others of [deciding, reading, writing]) others.renew();
  };
  const watch = watchStandby(async () => {
    const [row] = await reading.query<{ count: number }>({ text: waitingCommits });
    return row?.count ?? 0;
  });
  return { deciding, reading, writing, watch };
}

/** The settings for a connection, by the way that gets through to PostgreSQL. */
function settingUp(way: SettingsWay = 'startup', settings: SessionSettings): pg.PoolConfig {
  if (way === 'startup') return { options: asOptions(settings) };
  if (way === 'role') return {};
  return { onConnect: (client) => client.query(asStatement(settings)).then(() => {}) };
}

/** Finds out how settings get through to a PostgreSQL. @throws {PoolerError} they do not. */
export async function throughPooler(address: DatabaseAddress): Promise<DatabaseAddress> {
  const way = await findSettingsWay(
    address.connection,
    sessionSettings(bounds.writing.server, 'lookups'),
  );
  return { ...address, settingsWay: way };
}
