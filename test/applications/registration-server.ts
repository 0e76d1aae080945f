/** The registration endpoints on a real server and database, and the requests that tests send them. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { clientRegistrationRoutes } from '../../src/api/client-registration.ts';
import { newId } from '../../src/lib/ids.ts';
import { sha256 } from '../../src/lib/secrets.ts';
import { lockConsent } from '../../src/storage/consents/consents.ts';
import { type Database, type Db, statement } from '../../src/storage/engine/database.ts';
import { issueAfterOthers } from '../../src/storage/tokens/issuance.ts';
import { findToken, insertCode, insertGrant } from '../../src/storage/tokens/tokens.ts';
import { openTestDatabase } from '../support/database.ts';

export type Json = Record<string, unknown>;

/** What most applications send; each case changes something. */
export const usual = { redirect_uris: ['https://app.test/callback'], client_name: 'Acme Backup' };

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Json;
}

export interface Sending {
  readonly method?: string;
  readonly token?: string | undefined;
  readonly headers?: Record<string, string>;
  /** Text, bytes and streams go as they are, everything else as JSON. */
  readonly body?: unknown;
}

/** A registered client, with the credentials that only its registration told. */
export interface Registered {
  readonly id: string;
  readonly path: string;
  readonly token: string;
  readonly body: Json;
}

export type RegistrationServer = Awaited<ReturnType<typeof startRegistrationServer>>;

export const issuer = 'https://usher.test';

/** Every request comes from an address of its own, unless it says another in `x-test-address`. */
export async function startRegistrationServer({ production = true, attemptsPerHour = 60 } = {}) {
  const database = await openTestDatabase();
  const failures: unknown[] = [];
  let requests = 0;
  const addressOf = (ctx: Koa.Context) => {
    requests += 1;
    return (
      ctx.get('x-test-address') || `10.${requests >> 16}.${(requests >> 8) & 255}.${requests & 255}`
    );
  };
  const parts = { database: database.db, issuer, production, addressOf, attemptsPerHour };
  const routes = clientRegistrationRoutes(parts);
  const app = new Koa();
  app.on('error', (error) => failures.push(error));
  app.use(routes.routes()).use(routes.allowedMethods());
  const server = createServer(app.callback());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function send(path: string, { method, token, headers, body }: Sending): Promise<Answer> {
    const content = isRaw(body) ? body : JSON.stringify(body);
    const response = await fetch(origin + path, {
      method: method ?? 'GET',
      headers: {
        ...(content === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(content === undefined ? {} : { body: content, duplex: 'half' }),
    });
    const text = await response.text();
    const isJson = response.headers.get('Content-Type')?.startsWith('application/json');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? JSON.parse(text) : {},
    };
  }

  const post = (body: unknown, headers: Record<string, string> = {}) =>
    send('/oauth/register', { method: 'POST', body, headers });

  async function register(change: Json = {}): Promise<Registered> {
    const { status, text, body } = await post({ ...usual, ...change });
    if (status !== 201) throw new Error(text);
    const id = String(body['client_id']);
    return {
      id,
      path: `/oauth/register/${id}`,
      token: String(body['registration_access_token']),
      body,
    };
  }

  return {
    db: database.db,
    failures,
    send,
    post,
    register,
    /** Replaces a registration by `usual` with a change; the client's own id is filled in. */
    put: ({ id, path, token }: Registered, change: Json = {}) =>
      send(path, { method: 'PUT', token, body: { client_id: id, ...usual, ...change } }),
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await database.close();
    },
  };
}

function isRaw(body: unknown): body is string | Buffer<ArrayBuffer> | ReadableStream {
  return typeof body === 'string' || Buffer.isBuffer(body) || body instanceof ReadableStream;
}

/** Runs SQL that a test needs only here. */
export function run<Row extends object>(db: Db, text: string, ...values: unknown[]) {
  return db.query<Row>(statement(text), values);
}

/** Everything stored about clients, to compare before and after. */
export async function storedClients(db: Db): Promise<string> {
  const rows = await Promise.all([
    run(db, 'select * from clients order by id'),
    run(db, 'select id, client_id, secret_hash from client_secrets order by id'),
    run(db, `select * from provider_records where kind = 'RegistrationAccessToken' order by id`),
    run(db, 'select * from consents order by id'),
  ]);
  return JSON.stringify(rows);
}

/** Makes an account. @returns its id. */
export async function makeAccount(db: Db): Promise<string> {
  const id = newId();
  await run(
    db,
    'insert into accounts (id, email, name) values ($1, $2, $3)',
    id,
    `${id}@usher.test`,
    'A',
  );
  return id;
}

/** A token of somebody who consented. */
export interface ConsentedToken {
  isAlive(): Promise<boolean>;
  /** Issues another one, as the token endpoint does, once. */
  renew(): Promise<boolean>;
}

/** Somebody consents to the client, and it gets an access token. */
export async function consentTo(db: Database, clientId: string): Promise<ConsentedToken> {
  const accountId = await makeAccount(db);
  const [grantId, code] = [newId(), sha256(newId())];
  const bare = { scope: '', payload: {}, lifetimeSeconds: 60 };
  await db.run(async (tx) => {
    await lockConsent(tx, { accountId, clientId });
    await insertGrant(tx, { id: grantId, accountId, clientId, payload: {}, lifetimeSeconds: 60 });
    await insertCode(tx, { ...bare, id: code, grantId, clientId });
  });
  const redeem = async (spent: Buffer) => {
    const [accessToken, refreshToken] = [sha256(newId()), sha256(newId())];
    const isIssued = await issueAfterOthers(db, {
      spent,
      grantId,
      accessToken: { ...bare, id: accessToken },
      refreshToken: { ...bare, id: refreshToken },
      retryAnswer: undefined,
    });
    return { accessToken, refreshToken, isIssued };
  };
  const first = await redeem(code);
  return {
    isAlive: async () => (await findToken(db, 'AccessToken', first.accessToken)) !== undefined,
    renew: async () => (await redeem(first.refreshToken)).isIssued,
  };
}
