/**
 * The consent page of somebody who is signed in: made ready once by the forms, then loaded again
 * and again.
 *
 * @module
 */

import type pg from 'pg';
import { hashPassword } from '../../src/accounts/password-hashing.ts';
import { createUserAgent, fill as fillIn } from '../support/user-agent.ts';
import { apps, challenge, redirectUri } from './actors.ts';
import { grantedScope } from './fill.ts';
import type { Load } from './load.ts';

const email = 'member-0@usher.test';
const password = 'a password for the benchmark';

/** Lets the one person who consents sign in. */
export async function setPassword(client: pg.ClientBase): Promise<void> {
  const hash = await hashPassword(password);
  await client.query('update accounts set password_hash = $2 where email = $1', [email, hash]);
}

/** Signs in on the way of a request of an application that has no consent yet. */
export async function consentPage(origin: string): Promise<Load> {
  const agent = createUserAgent(origin);
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: apps[1]?.id ?? '',
    redirect_uri: redirectUri,
    scope: grantedScope,
    state: 'state',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  });
  const signIn = await agent.get(`${origin}/oauth/authorize?${query}`);
  const page = await agent.submit(signIn, (fields) =>
    fillIn(fillIn(fields, 'email', email), 'password', password),
  );
  const cookies = [...agent.cookies].map(([name, value]) => `${name}=${value}`);
  return {
    path: new URL(page.url).pathname,
    headers: { cookie: cookies.join('; '), accept: 'text/html' },
    order: 'random',
    bodies: undefined,
    expected: ['data-consent', '</html>'],
  };
}
