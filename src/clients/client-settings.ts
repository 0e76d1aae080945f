/**
 * What an operator sets for one client: exceptions from the rules for all, in both directions.
 *
 * | setting | values, the default first | what it does |
 * |---|---|---|
 * | `pkce` | required, optional | optional: the client may leave out PKCE if it sends `openid` and a `nonce` |
 * | `pushed_requests` | optional, required | required: the client must push its authorization requests (RFC 9126) |
 * | `refresh_tokens` | rotated, kept | kept: a refresh leaves the refresh token as it is (FAPI 2.0, 5.3.2.1) |
 * | `assertion_audience` | issuer, token_endpoint | token_endpoint: client assertions may name the token endpoint as their audience, too |
 *
 * To add a setting: a line here, its condition in `findSettingFault`, and a reader where it counts.
 * The reader checks its condition again, since a client may change its registration later.
 *
 * @module
 */

/** The values of each setting; the first is the default, which is not stored. */
const clientSettings = {
  pkce: ['required', 'optional'],
  pushed_requests: ['optional', 'required'],
  refresh_tokens: ['rotated', 'kept'],
  assertion_audience: ['issuer', 'token_endpoint'],
} as const;

type SettingName = keyof typeof clientSettings;

/** The settings that differ from their defaults. */
export type ClientSettings = {
  readonly [Name in SettingName]?: (typeof clientSettings)[Name][number];
};

/** The fields of a client that decide which settings it may have. */
interface SettingFacts {
  readonly authMethod: string;
  readonly dpopBoundAccessTokens: boolean;
  readonly requirePushedAuthorizationRequests?: boolean;
  readonly settings: ClientSettings;
}

/** Reads `name=value`. @returns what is wrong with it, where it is no setting and value. */
export function readSetting(text: string): { name: SettingName; value: string } | string {
  const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (!isSettingName(name)) {
    return `a setting is written name=value; the names are ${Object.keys(clientSettings).join(', ')}`;
  }
  const values: readonly string[] = clientSettings[name];
  return values.includes(value) ? { name, value } : `${name} must be one of ${values.join(', ')}`;
}

/** @returns the settings with one changed; a default is left out. */
export function changeSetting(
  settings: ClientSettings,
  { name, value }: { readonly name: SettingName; readonly value: string },
): ClientSettings {
  const { [name]: _, ...others } = settings;
  return value === clientSettings[name][0] ? others : { ...others, [name]: value };
}

/** @returns why a client cannot have its settings; undefined where it can. */
export function findSettingFault(client: SettingFacts): string | undefined {
  const { pkce, refresh_tokens: refreshTokens, assertion_audience: audience } = client.settings;
  if (pkce === 'optional' && !mayOmitChallenge(client)) {
    return 'pkce=optional needs a confidential client: only PKCE protects the code of a public one';
  }
  if (refreshTokens === 'kept' && !keepsRefreshToken(client)) {
    return 'refresh_tokens=kept needs a confidential client that is registered with dpop_bound_access_tokens';
  }
  if (audience === 'token_endpoint' && !mayNameTokenEndpoint(client)) {
    return 'assertion_audience=token_endpoint needs a client that authenticates by private_key_jwt';
  }
  return undefined;
}

/** Whether the client's assertions may name the token endpoint as their audience (RFC 7523, 3). */
export function mayNameTokenEndpoint({ authMethod, settings }: SettingFacts): boolean {
  return settings.assertion_audience === 'token_endpoint' && authMethod === 'private_key_jwt';
}

/** Whether the client may send an authorization request without a `code_challenge`. */
export function mayOmitChallenge({ authMethod, settings }: SettingFacts): boolean {
  return settings.pkce === 'optional' && authMethod !== 'none';
}

/** Whether a refresh leaves the client's refresh token as it is: it is of no use to a thief. */
export function keepsRefreshToken(client: SettingFacts): boolean {
  const { authMethod, dpopBoundAccessTokens, settings } = client;
  return settings.refresh_tokens === 'kept' && authMethod !== 'none' && dpopBoundAccessTokens;
}

/** Whether the client must push its authorization requests (RFC 9126 section 6). */
export function requiresPushedRequests(client: SettingFacts): boolean {
  const { requirePushedAuthorizationRequests: isRegistered, settings } = client;
  return isRegistered === true || settings.pushed_requests === 'required';
}

/** What whoever looks at a client should know of its settings: a sentence each. */
export function settingWarnings(client: SettingFacts): string[] {
  return [
    ...(mayOmitChallenge(client)
      ? ['PKCE is not required of this application: only the nonce protects its codes']
      : []),
    ...(mayNameTokenEndpoint(client)
      ? [
          'Client assertions may name the token endpoint: one that another server asked for might be accepted here',
        ]
      : []),
    ...(keepsRefreshToken(client)
      ? [
          'Refresh tokens stay as they are: a stolen one is not noticed, and only how this application authenticates protects it',
        ]
      : []),
  ];
}

function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(clientSettings, name);
}
