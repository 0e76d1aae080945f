/**
 * Why a request of an application fails, as its developer has it explained: one name for each cause that
 * is mended in a way of its own. Each has an entry on the page of errors, under its name.
 *
 * Source: RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect Core 1.0 section 3.1.2.6, RFC 8707 section 2,
 * RFC 9470 section 3.
 *
 * @module
 */

/** The causes, under the string that client libraries print. */
export const faultsOf = {
  invalid_redirect_uri: ['redirect-uri'],
  invalid_client: ['client-unknown', 'client-secret', 'client-method', 'client-assertion'],
  invalid_grant: [
    'code-verifier',
    'code-expired',
    'code-used',
    'code-unknown',
    'code-redirect-uri',
    'refresh-token',
    'grant-ended',
    'other-client',
    'proof-key',
  ],
  invalid_request: ['challenge-missing', 'request'],
  invalid_scope: ['scope'],
  invalid_target: ['target'],
  access_denied: ['access-denied'],
  login_required: ['sign-in-needed'],
  unauthorized_client: ['grant-type'],
  unsupported_grant_type: ['grant-type-unknown'],
  unsupported_response_type: ['response-type'],
  'active: false': ['token-expired', 'token-ended', 'token-not-yours'],
  insufficient_scope: ['resource-not-allowed', 'role-too-low'],
  other: ['other'],
} as const;

/** The string that a client library prints. */
export type ErrorString = keyof typeof faultsOf;
/** A cause. */
export type FlowFault = (typeof faultsOf)[ErrorString][number];

/** Every cause, with its string. */
export const errorOfFault: ReadonlyMap<string, ErrorString> = new Map(
  (Object.keys(faultsOf) as ErrorString[]).flatMap((error) =>
    faultsOf[error].map((fault): [string, ErrorString] => [fault, error]),
  ),
);

/** What an endpoint refused, in the words of the protocol. */
export interface Refusal {
  readonly error: string;
  /** What the answer says, or, where there is more, what it does not say. */
  readonly detail: string;
}

/** The first row that a refusal fits names its cause. */
const causes: readonly (readonly [string, RegExp, FlowFault])[] = [
  ['invalid_redirect_uri', /./, 'redirect-uri'],
  ['invalid_client', /secret/, 'client-secret'],
  ['invalid_client', /authentication m/, 'client-method'],
  ['invalid_client', /not found|client is invalid/, 'client-unknown'],
  ['invalid_client', /./, 'client-assertion'],
  ['invalid_grant', /code_verifier|code_challenge/, 'code-verifier'],
  ['invalid_grant', /authorization code is expired/, 'code-expired'],
  ['invalid_grant', /authorization code already/, 'code-used'],
  ['invalid_grant', /authorization code not found/, 'code-unknown'],
  ['invalid_grant', /redirect_uri/, 'code-redirect-uri'],
  ['invalid_grant', /refresh token/, 'refresh-token'],
  ['invalid_grant', /client mismatch/, 'other-client'],
  ['invalid_grant', /DPoP|jkt|thumbprint/, 'proof-key'],
  ['invalid_grant', /./, 'grant-ended'],
  ['invalid_dpop_proof', /./, 'proof-key'],
  ['use_dpop_nonce', /./, 'proof-key'],
  ['invalid_request', /PKCE|code_challenge/, 'challenge-missing'],
  ['invalid_request', /grant type is not allowed/, 'grant-type'],
  ['invalid_request', /./, 'request'],
  ['invalid_scope', /./, 'scope'],
  ['invalid_target', /./, 'target'],
  ['access_denied', /./, 'access-denied'],
  ['login_required', /./, 'sign-in-needed'],
  ['consent_required', /./, 'sign-in-needed'],
  ['interaction_required', /./, 'sign-in-needed'],
  ['account_selection_required', /./, 'sign-in-needed'],
  ['unmet_authentication_requirements', /./, 'sign-in-needed'],
  ['unauthorized_client', /./, 'grant-type'],
  ['unsupported_grant_type', /./, 'grant-type-unknown'],
  ['unsupported_response_type', /./, 'response-type'],
];

/** @returns the cause of a refusal; `other` of one that is explained nowhere. */
export function faultOf({ error, detail }: Refusal): FlowFault {
  const text = detail === '' ? error : detail;
  const cause = causes.find(([name, words]) => name === error && words.test(text));
  return cause?.[2] ?? 'other';
}
