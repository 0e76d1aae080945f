/** An OpenID provider as a platform runs it: oidc-provider, on loopback, with people of its own. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';
import { createUserAgent, type UserAgent } from './user-agent.ts';

/** Somebody who has an account there. */
export interface ProviderPerson {
  readonly email: string;
  readonly name: string;
}

/** The provider, and what its operator does with it. */
export interface RealProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly secret: string;
  /** Registers Usher by the addresses that its command printed. */
  register(addresses: Readonly<Record<string, unknown>>): void;
  /** A browser at the provider. @param subject whom the next sign-in there is. */
  browserOf(subject: string): UserAgent;
  close(): Promise<void>;
}

const clientId = 'usher';
const secret = 'the secret of Usher at the platform';

/** @param people by their subjects. */
export async function startRealProvider(
  people: Readonly<Record<string, ProviderPerson>>,
): Promise<RealProvider> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid: 'first', alg: 'RS256', use: 'sig' };
  let handle: ReturnType<Provider['callback']> | undefined;
  const server = createServer((req, res) => void handle?.(req, res));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;

  function register(addresses: Readonly<Record<string, unknown>>): void {
    const text = (name: string) => String(addresses[name]);
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: clientId,
          client_secret: secret,
          redirect_uris: [text('redirect_uri')],
          post_logout_redirect_uris: [text('post_logout_redirect_uri')],
          backchannel_logout_uri: text('backchannel_logout_uri'),
          backchannel_logout_session_required: true,
        },
      ],
      jwks: { keys: [jwk] },
      cookies: { keys: ['a key of the tests'] },
      claims: {
        openid: ['sub', 'amr', 'acr'],
        email: ['email', 'email_verified'],
        profile: ['name'],
      },
      acrValues: ['phr'],
      ttl: { AccessToken: 600, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
      features: {
        devInteractions: { enabled: false },
        backchannelLogout: { enabled: true },
      },
      // Its own dispatcher keeps it from loopback, where Usher is here.
      fetch: (url, { dispatcher: _, ...options } = {}) => fetch(url, options),
      findAccount: (_ctx, accountId) => ({
        accountId,
        claims: () => ({ sub: accountId, ...people[accountId], email_verified: true }),
      }),
      // Its sign-in page: whoever the browser says is there, after a password and a code.
      interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    });
    provider.use(async (ctx, next) => {
      if (!ctx.path.startsWith('/interaction/')) return next();
      const { params, session } = await provider.interactionDetails(ctx.req, ctx.res);
      const accountId = session?.accountId ?? ctx.cookies.get('person') ?? '';
      const grant = new provider.Grant({ accountId, clientId: String(params['client_id']) });
      grant.addOIDCScope(String(params['scope']));
      const result = {
        login: { accountId, amr: ['pwd', 'otp', 'mfa'], acr: 'phr' },
        consent: { grantId: await grant.save() },
      };
      await provider.interactionFinished(ctx.req, ctx.res, result, {
        mergeWithLastSubmission: false,
      });
      ctx.respond = false;
    });
    handle = provider.callback();
  }

  return {
    issuer,
    clientId,
    secret,
    register,
    browserOf(subject) {
      const agent = createUserAgent(issuer);
      agent.cookies.set('person', subject);
      return agent;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
