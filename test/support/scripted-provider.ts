/** An OpenID provider that says what a test wants it to say: the truth, a lie, garbage, or nothing. */

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** Somebody who is signed in there. */
export interface Person {
  readonly sub: string;
  readonly email?: string | undefined;
  readonly email_verified?: boolean | undefined;
  readonly name?: string | undefined;
  readonly sid?: string | undefined;
}

/** How the next answers differ from what they should be. */
interface Lies {
  /** Added to the claims of the ID token; `undefined` leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** An unsigned token, or one of a key that is published nowhere. */
  readonly signature?: 'none' | 'foreign' | 'secret';
  /** Answers of an endpoint, by its path: a status and a body, or no answer at all. */
  readonly answers?: Readonly<Record<string, readonly [status: number, body: string] | 'silence'>>;
}

/** The provider. */
export interface ScriptedProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly secret: string;
  /** What reached the token endpoint. */
  readonly redeemed: { readonly code: string; readonly verifier: string }[];
  lie(lies: Lies): void;
  /** New keys; those before are published no more. */
  rotate(): Promise<void>;
  /** A code for a person, for the request that a browser was sent here with. @returns where it goes back to. */
  signIn(request: string, person: Person): string;
  /** @returns a token for the back channel; `change` adds, replaces or leaves out claims. */
  logoutToken(change?: Readonly<Record<string, unknown>>, lies?: Lies): Promise<string>;
  close(): Promise<void>;
}

const clientId = 'usher';
const secret = 'secret-of-usher-at-the-provider';

type Key = Awaited<ReturnType<typeof makeKey>>;

async function makeKey(kid: string) {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  return {
    kid,
    privateKey,
    jwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' },
  };
}

/** Starts it on loopback. @param metadata is said beside the usual. */
export async function startScriptedProvider(
  metadata: Readonly<Record<string, unknown>> = {},
): Promise<ScriptedProvider> {
  let lies: Lies = {};
  let key = await makeKey('first');
  const foreign = await makeKey('first');
  const codes = new Map<string, { person: Person; nonce: string }>();
  const redeemed: { code: string; verifier: string }[] = [];
  const server = createServer((req, res) => void answer(req, res));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = new URL(req.url ?? '', issuer).pathname;
    const scripted = lies.answers?.[path];
    if (scripted === 'silence') return;
    const [status, body] = scripted ?? [200, JSON.stringify(await bodyOf(path, req))];
    res.writeHead(status, { 'content-type': 'application/json' }).end(body);
  }

  async function bodyOf(path: string, req: IncomingMessage): Promise<unknown> {
    if (path === '/jwks') return { keys: [key.jwk] };
    if (path === '/token') return tokens(await readForm(req));
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      end_session_endpoint: `${issuer}/end-session`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      authorization_response_iss_parameter_supported: true,
      ...metadata,
    };
  }

  async function tokens(form: URLSearchParams) {
    const code = form.get('code') ?? '';
    redeemed.push({ code, verifier: form.get('code_verifier') ?? '' });
    const known = codes.get(code);
    codes.delete(code);
    const { nonce } = known ?? {};
    const claims = { iss: issuer, aud: clientId, nonce, ...known?.person, ...lies.claims };
    const id_token = await sign(claims, 'JWT', lies, { key, foreign });
    return { access_token: randomUUID(), token_type: 'Bearer', expires_in: 60, id_token };
  }

  return {
    issuer,
    clientId,
    secret,
    redeemed,
    lie: (next) => {
      lies = next;
    },
    rotate: async () => {
      key = await makeKey(randomUUID());
    },
    signIn(request, person) {
      const sent = new URL(request).searchParams;
      const code = randomUUID();
      codes.set(code, { person, nonce: sent.get('nonce') ?? '' });
      const back = new URL(sent.get('redirect_uri') ?? '');
      back.search = String(
        new URLSearchParams({ code, state: sent.get('state') ?? '', iss: issuer }),
      );
      return back.href;
    },
    logoutToken: (change = {}, how = {}) => {
      const event = 'http://schemas.openid.net/event/backchannel-logout';
      const claims = { iss: issuer, aud: clientId, jti: randomUUID(), events: { [event]: {} } };
      return sign({ ...claims, ...change }, 'logout+jwt', how, { key, foreign });
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function sign(
  claims: Record<string, unknown>,
  typ: string,
  { signature }: Lies,
  { key, foreign }: { key: Key; foreign: Key },
): Promise<string> {
  const present = Object.entries(claims).filter(([, value]) => value !== undefined);
  const token = new SignJWT(Object.fromEntries(present));
  if (!('exp' in claims)) token.setExpirationTime('5m');
  if (!('iat' in claims)) token.setIssuedAt();
  if (signature === 'none') {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const now = Math.floor(Date.now() / 1000);
    return `${part({ alg: 'none', typ })}.${part({ iat: now, exp: now + 300, ...Object.fromEntries(present) })}.`;
  }
  if (signature === 'secret')
    return token.setProtectedHeader({ alg: 'HS256', typ }).sign(Buffer.from(secret));
  const signer = signature === 'foreign' ? foreign : key;
  return token.setProtectedHeader({ alg: 'RS256', kid: key.kid, typ }).sign(signer.privateKey);
}

async function readForm(req: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const chunk of req) text += chunk;
  return new URLSearchParams(text);
}
