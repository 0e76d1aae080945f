/**
 * The demo's application, an outsider as Usher sees it, and the look at a whole token that the demo
 * shows. Both know the issuer's address and their own secret, and reach Usher by HTTP alone, through
 * an ordinary OAuth library with its checks on. The demo's resource server uses the SDK.
 *
 * Source: RFC 6749 section 4.1, RFC 7636, RFC 9207 (application); RFC 7662 (inspection); RFC 8414
 * (where to ask).
 *
 * @module
 */

import * as oauth from 'oauth4webapi';

/** What the application keeps between sending the browser away and its return. */
export interface Flow {
  readonly state: string;
  readonly verifier: string;
}

/** A third-party application. */
export interface Application {
  /**
   * @param change adds parameters to the request.
   * @returns where to send the browser, and what to keep until it is back.
   */
  begin(
    scope: string,
    change: Readonly<Record<string, string>>,
  ): Promise<{ address: string; flow: Flow }>;
  /** Redeems the code that the browser brought. @throws as `refusalOf` says. */
  finish(callback: URL, flow: Flow): Promise<oauth.TokenEndpointResponse>;
  refresh(refreshToken: string): Promise<oauth.TokenEndpointResponse>;
  revoke(token: string): Promise<void>;
}

/** What an outsider knows of itself. */
export interface Credentials {
  readonly clientId: string;
  readonly secret: string;
}

/** @param redirectUri one that is registered for the application. */
export function createApplication(
  issuer: string,
  credentials: Credentials,
  redirectUri: string,
): Application {
  const party = partyOf(issuer, credentials);
  return {
    begin: (scope, change) => begin(party, redirectUri, scope, change),
    finish: (callback, flow) => finish(party, redirectUri, callback, flow),
    async refresh(refreshToken) {
      const { client, proof, options } = party;
      const as = await party.server();
      const response = await oauth.refreshTokenGrantRequest(
        as,
        client,
        proof,
        refreshToken,
        options,
      );
      return oauth.processRefreshTokenResponse(as, client, response);
    },
    async revoke(token) {
      const { client, proof, options } = party;
      const as = await party.server();
      const response = await oauth.revocationRequest(as, client, proof, token, options);
      await oauth.processRevocationResponse(response);
    },
  };
}

/** Whoever speaks with Usher, and how. */
interface Party {
  readonly server: () => Promise<oauth.AuthorizationServer>;
  readonly client: oauth.Client;
  readonly proof: oauth.ClientAuth;
  readonly options: ReturnType<typeof httpOptions>;
}

function partyOf(issuer: string, { clientId, secret }: Credentials): Party {
  return {
    server: discovery(issuer),
    client: { client_id: clientId },
    proof: oauth.ClientSecretBasic(secret),
    options: httpOptions(issuer),
  };
}

/** RFC 6749 section 4.1.1, RFC 7636 section 4.3. */
async function begin(
  { server, client }: Party,
  redirectUri: string,
  scope: string,
  change: Readonly<Record<string, string>>,
) {
  const flow = {
    state: oauth.generateRandomState(),
    verifier: oauth.generateRandomCodeVerifier(),
  };
  const address = new URL((await server()).authorization_endpoint ?? '');
  address.search = new URLSearchParams({
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: redirectUri,
    scope,
    state: flow.state,
    code_challenge: await oauth.calculatePKCECodeChallenge(flow.verifier),
    code_challenge_method: 'S256',
    ...change,
  }).toString();
  return { address: address.href, flow };
}

/** RFC 6749 section 4.1.3, RFC 9207 section 2.4. */
async function finish(
  { server, client, proof, options }: Party,
  redirectUri: string,
  callback: URL,
  { state, verifier }: Flow,
) {
  const as = await server();
  const parameters = oauth.validateAuthResponse(as, client, callback, state);
  const response = await oauth.authorizationCodeGrantRequest(
    as,
    client,
    proof,
    parameters,
    redirectUri,
    verifier,
    options,
  );
  return oauth.processAuthorizationCodeResponse(as, client, response);
}

/** Asks for all about a token, about no resource in particular. */
export type Inspector = (token: string) => Promise<oauth.IntrospectionResponse>;

export function createInspector(issuer: string, credentials: Credentials): Inspector {
  const { server, client, proof, options } = partyOf(issuer, credentials);
  return async (token) => {
    const as = await server();
    const response = await oauth.introspectionRequest(as, client, proof, token, options);
    return oauth.processIntrospectionResponse(as, client, response);
  };
}

/** An answer of Usher that is a "no", in the words of the protocol. */
export interface Refusal {
  readonly error: string;
  readonly description: string | undefined;
}

/** @returns undefined for what is not a refusal but a failure. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof oauth.ResponseBodyError || error instanceof oauth.AuthorizationResponseError)
    return { error: error.error, description: error.error_description };
  if (error instanceof oauth.OperationProcessingError)
    return { error: 'refused by the application', description: error.message };
  return undefined;
}

/** The addresses never change while a process runs, so they are asked for once. */
function discovery(issuer: string): () => Promise<oauth.AuthorizationServer> {
  let found: oauth.AuthorizationServer | undefined;
  return async () => {
    if (found === undefined) {
      const url = new URL(issuer);
      const options = { ...httpOptions(issuer), algorithm: 'oauth2' as const };
      found = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, options));
    }
    return found;
  };
}

/** The demo runs on loopback, where http is allowed; nothing else is relaxed. */
function httpOptions(issuer: string) {
  return {
    [oauth.allowInsecureRequests]: issuer.startsWith('http:'),
    signal: () => AbortSignal.timeout(10_000),
  };
}
