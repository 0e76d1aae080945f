/**
 * A small platform with accounts and a sign-in page of its own and no OpenID provider, wired to Usher by
 * what config/own-accounts.md says. It asks for the password whenever a browser comes.
 */

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { commandsOn } from '../operator/operators.ts';
import { recordSecret } from './issued-secrets.ts';
import type { Node } from './oauth.ts';
import { demoPeople, type PlatformPerson } from './platform-people.ts';

/** What Usher answered to the platform. */
interface Named {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: JSON that each test reads as what it expects
  readonly body: any;
}

export interface PlatformApp {
  readonly signInUrl: string;
  /** Adds a service client to Usher by the operators' command, with these options. */
  connect(usher: Node, ...options: string[]): Promise<void>;
  /** Tells Usher who is there, as its page does. */
  name(challenge: string, who: object, at?: Pick<Node, 'issuer'>): Promise<Named>;
  /**
   * Somebody fills in the form of its page.
   *
   * @param there where Usher sent the browser.
   * @returns where the page sends the browser on.
   */
  signIn(there: string, person: PlatformPerson): Promise<string>;
  newPerson(change?: Partial<PlatformPerson>): PlatformPerson;
  close(): Promise<void>;
}

/** Starts the platform. */
export async function startPlatformApp(): Promise<PlatformApp> {
  const people = demoPeople();
  let service: (issuer: string) => Promise<string> = () => Promise.reject(new Error('no client'));
  let issuer = '';

  const name: PlatformApp['name'] = async (challenge, who, at = { issuer }) => {
    const response = await fetch(`${at.issuer}/api/v1/sign-in-challenges/${challenge}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await service(at.issuer)}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(who),
    });
    const body = (await response.json()) as Named['body'];
    if (response.ok)
      recordSecret('answer', new URL(body.redirect_to).searchParams.get('answer') ?? '');
    return { status: response.status, body };
  };

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.method !== 'POST') return response.writeHead(200).end('<form method="post">');
    let text = '';
    for await (const chunk of request) text += chunk;
    const form = new URLSearchParams(text);
    const person = people.find(form.get('email') ?? '', form.get('password') ?? '');
    if (person === undefined) return response.writeHead(403).end('wrong');
    const { id: subject, email, name: shown } = person;
    const named = await name(form.get('challenge') ?? '', {
      subject,
      email,
      name: shown,
      fresh: true,
    });
    const location = named.status === 200 ? named.body.redirect_to : `${issuer}/account`;
    return response.writeHead(303, { location }).end();
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    signInUrl: `http://localhost:${port}/usher`,
    name,
    newPerson: people.add,
    connect: async (usher, ...options) => {
      issuer = usher.issuer;
      service = await serviceClient(usher, options);
    },
    signIn: async (there, { email, password }) => {
      const challenge = new URL(there).searchParams.get('challenge') ?? '';
      recordSecret('challenge', challenge);
      const done = await fetch(there.replace('localhost', '127.0.0.1'), {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({ challenge, email, password }),
      });
      return done.headers.get('location') ?? '';
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** @returns what gets a token for its service client, at an address of Usher. */
async function serviceClient({ database, issuer }: Node, options: readonly string[]) {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const directory = mkdtempSync(join(tmpdir(), 'usher-platform-'));
  const file = join(directory, 'public.jwk');
  writeFileSync(file, JSON.stringify(await exportJWK(publicKey)));
  const run = commandsOn(database.db, issuer);
  const words = ['Sign-in', file, '--as', 'operator@usher.test', ...options];
  const made = await run('service-client', 'add', ...words);
  rmSync(directory, { recursive: true });
  const id = String(made['client_id']);
  const claims = () => {
    const iat = Math.floor(Date.now() / 1000);
    return { iss: id, sub: id, aud: issuer, jti: randomUUID(), iat, exp: iat + 60 };
  };
  return async (at: string): Promise<string> => {
    const response = await fetch(`${at}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        scope: 'platform:sync',
        client_id: id,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await new SignJWT(claims())
          .setProtectedHeader({ alg: 'ES256' })
          .sign(privateKey),
      }),
    });
    const body = (await response.json()) as { access_token?: string };
    if (body.access_token === undefined) throw new Error(JSON.stringify(body));
    recordSecret('token', body.access_token);
    return body.access_token;
  };
}
