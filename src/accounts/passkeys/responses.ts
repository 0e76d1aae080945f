/**
 * What a browser returns of a passkey, read into typed values before anything is decided.
 *
 * Source: WebAuthn Level 3 sections 5.1 (the JSON forms), 5.8.1 (client data), 6.1 (authenticator data).
 *
 * @module
 */

import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { z } from 'zod';
import type { RelyingParty } from '../../lib/relying-party.ts';
import { sha256 } from '../../lib/secrets.ts';
import { webAuthnReaders } from './library.ts';

const longestCharacters = 20_000;
const text = z
  .string()
  .regex(/^[\w-]*$/)
  .max(longestCharacters);
const credentialId = z
  .string()
  .regex(/^[\w-]+$/)
  .max(1364); // 1,023 bytes
const common = { id: credentialId, rawId: credentialId, type: z.literal('public-key') };

const transports = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'] as const;

const signed = z.object({
  ...common,
  response: z.object({
    clientDataJSON: text,
    authenticatorData: text,
    signature: text,
    userHandle: text.nullish().transform((handle) => handle ?? undefined),
  }),
});

const made = z.object({
  ...common,
  response: z.object({
    clientDataJSON: text,
    attestationObject: text,
    transports: z.array(z.string().max(50)).max(20).nullish(),
  }),
});

/** @returns undefined for what no browser returns. */
export function readSignedResponse(json: string): AuthenticationResponseJSON | undefined {
  const { data } = signed.safeParse(parsed(json));
  if (data === undefined || data.id !== data.rawId) return undefined;
  const { userHandle, ...response } = data.response;
  const handle = userHandle === undefined ? {} : { userHandle };
  return { ...data, response: { ...response, ...handle }, clientExtensionResults: {} };
}

/**
 * The attestation is taken out: none is asked for, and to check one is to fetch addresses that its
 * sender has written into certificates.
 *
 * @returns undefined for what no browser returns.
 */
export function readMadeResponse(json: string): RegistrationResponseJSON | undefined {
  const { data } = made.safeParse(parsed(json));
  if (data === undefined || data.id !== data.rawId) return undefined;
  const { clientDataJSON, attestationObject, transports: named } = data.response;
  const bare = withoutAttestation(attestationObject);
  if (bare === undefined) return undefined;
  const known = transports.filter((one) => named?.includes(one));
  return {
    ...data,
    response: { clientDataJSON, attestationObject: bare, transports: known },
    clientExtensionResults: {},
  };
}

function parsed(json: string): unknown {
  return json.length > 2 * longestCharacters ? undefined : attempted(() => JSON.parse(json));
}

function withoutAttestation(attestationObject: string): string | undefined {
  const { decodeAttestationObject, isoBase64URL, isoCBOR } = webAuthnReaders();
  return attempted(() => {
    const object = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject));
    const bare = new Map<string, string | Uint8Array | Map<string, string>>([
      ['fmt', 'none'],
      ['attStmt', new Map<string, string>()],
      ['authData', object.get('authData')],
    ]);
    return isoBase64URL.fromBuffer(isoCBOR.encode(bare));
  });
}

/** The challenge that was signed, in base64url; undefined when there is none to read. */
export function challengeOf(clientDataJSON: string): string | undefined {
  const challenge = clientDataOf(clientDataJSON)?.challenge;
  return typeof challenge === 'string' ? challenge : undefined;
}

/** Whether the browser signed for this site, as far as it says. */
export function isForSite(
  party: RelyingParty,
  clientDataJSON: string,
  rpIdHash: Uint8Array,
): boolean {
  const isOrigin = clientDataOf(clientDataJSON)?.origin === party.origin;
  return isOrigin && sha256(party.id).equals(rpIdHash);
}

/** What an authenticator says of itself and of the person. */
type AuthenticatorData = ReturnType<ReturnType<typeof webAuthnReaders>['parseAuthenticatorData']>;

/** @returns undefined for bytes that are no authenticator data. */
export function signedDataOf(authenticatorData: string): AuthenticatorData | undefined {
  const { isoBase64URL, parseAuthenticatorData } = webAuthnReaders();
  return attempted(() => parseAuthenticatorData(isoBase64URL.toBuffer(authenticatorData)));
}

/** @returns undefined for bytes that are no attestation object. */
export function madeDataOf(attestationObject: string): AuthenticatorData | undefined {
  const { decodeAttestationObject, isoBase64URL, parseAuthenticatorData } = webAuthnReaders();
  return attempted(() => {
    const object = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject));
    return parseAuthenticatorData(object.get('authData'));
  });
}

function clientDataOf(clientDataJSON: string) {
  return attempted(() => webAuthnReaders().decodeClientDataJSON(clientDataJSON)) ?? undefined; // `null` is JSON, too
}

/** The library's readers throw at what they cannot read. */
function attempted<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
