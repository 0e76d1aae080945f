/**
 * How the library is set up for a provider: its metadata, kept for 5 minutes, our client there, and the
 * guarded fetch.
 *
 * @module
 */

import { createRemoteJWKSet, customFetch as joseFetch } from 'jose';
import type { Configuration, ServerMetadata } from 'openid-client';
import { createGuardedFetch, type GuardedFetch } from '../fetching/guarded-fetch.ts';
import { createBoundedMap } from '../lib/bounded-map.ts';
import type { StoredProvider } from '../storage/people/identity-providers.ts';
import type { ProviderSecrets } from './provider-secrets.ts';

/** What talking to providers takes. */
export interface OpenidProviderParts {
  readonly issuer: string;
  readonly isProduction: boolean;
  readonly secrets: ProviderSecrets;
}

/** Sets the library up. */
export interface Configurations {
  /** @throws whatever the library or the network says: the provider cannot be asked. */
  of(provider: StoredProvider): Promise<Configuration>;
  /** The keys for logout tokens. Anybody can send one, so they are fetched no more often than this. */
  keysAt(provider: StoredProvider, address: string): ReturnType<typeof createRemoteJWKSet>;
}

const metadataSeconds = 300;
const logoutKeysMs = 30_000;
/** More providers than anybody has; one that names another address of its keys each time fills no memory. */
const mostKept = 100;

interface KnownMetadata {
  readonly metadata: ServerMetadata;
  readonly until: number;
}

/** Keeps what providers publish about themselves, in this process. */
export function createConfigurations(parts: OpenidProviderParts): Configurations {
  const known = createBoundedMap<KnownMetadata>(mostKept);
  const keySets = createBoundedMap<ReturnType<typeof createRemoteJWKSet>>(mostKept);
  const fetchFor = guardedFetches(parts.isProduction);
  const metadataOf = async (provider: StoredProvider) => {
    const key = JSON.stringify([provider.issuer, provider.isPrivate]);
    const found = known.get(key);
    if (found !== undefined && found.until > performance.now()) return found.metadata;
    const metadata = await discover(provider, fetchFor(provider));
    known.set(key, { metadata, until: performance.now() + metadataSeconds * 1_000 });
    return metadata;
  };

  return {
    async of(provider) {
      const secret = parts.secrets.unwrapSecret(provider.id, provider.wrappedSecret);
      return configure(provider, await metadataOf(provider), secret, fetchFor(provider));
    },
    keysAt(provider, address) {
      const key = JSON.stringify([provider.issuer, provider.isPrivate, address]);
      const keys =
        keySets.get(key) ??
        createRemoteJWKSet(new URL(address), {
          [joseFetch]: fetchFor(provider),
          cacheMaxAge: logoutKeysMs,
          cooldownDuration: logoutKeysMs,
        });
      keySets.set(key, keys);
      return keys;
    },
  };
}

/** A new one each time: the library keeps keys with it, and a new key is to count at once. */
async function configure(
  provider: StoredProvider,
  metadata: ServerMetadata,
  secret: string,
  fetch: GuardedFetch,
): Promise<Configuration> {
  const library = await import('openid-client'); // nobody else needs it
  const configuration = new library.Configuration(
    metadata,
    provider.clientId,
    { client_secret: secret },
    authenticationFor(library, metadata, secret),
  );
  configuration[library.customFetch] = fetch;
  library.enableNonRepudiationChecks(configuration);
  if (isInsecure(provider)) library.allowInsecureRequests(configuration);
  return configuration;
}

/** One fetch for each reach: what an issuer is on says how far its answers may lead. */
function guardedFetches(isProduction: boolean) {
  const loopback = !isProduction;
  const fetches = {
    open: createGuardedFetch({ loopback, privateNetworks: false }),
    withPrivate: createGuardedFetch({ loopback, privateNetworks: true }),
    strict: createGuardedFetch({ loopback: false, privateNetworks: false }),
    strictWithPrivate: createGuardedFetch({ loopback: false, privateNetworks: true }),
  };
  return (provider: StoredProvider): GuardedFetch => {
    if (isOnLoopback(provider)) return provider.isPrivate ? fetches.withPrivate : fetches.open;
    return provider.isPrivate ? fetches.strictWithPrivate : fetches.strict;
  };
}

const loopbackHosts = new Set(['localhost', '127.0.0.1', '[::1]']);

function isOnLoopback({ issuer }: StoredProvider): boolean {
  return loopbackHosts.has(new URL(issuer).hostname);
}

/** That this is loopback, and not production, the guarded fetch checks. */
function isInsecure({ issuer }: StoredProvider): boolean {
  return issuer.startsWith('http:');
}

type Library = typeof import('openid-client');

async function discover(provider: StoredProvider, fetch: GuardedFetch): Promise<ServerMetadata> {
  const library = await import('openid-client');
  const found = await library.discovery(
    new URL(provider.issuer),
    provider.clientId,
    undefined,
    library.None(),
    {
      execute: isInsecure(provider) ? [library.allowInsecureRequests] : [],
      [library.customFetch]: fetch,
    },
  );
  return found.serverMetadata();
}

/** OpenID's default is Basic; some providers know only the other. */
function authenticationFor(library: Library, metadata: ServerMetadata, secret: string) {
  const { token_endpoint_auth_methods_supported: methods = ['client_secret_basic'] } = metadata;
  return methods.includes('client_secret_basic')
    ? library.ClientSecretBasic(secret)
    : library.ClientSecretPost(secret);
}
