/** An authenticator and the browser around it, in a few lines: what it signs, the test decides. */

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';

/** What a ceremony is about, and what a test may change of an honest one. */
export interface Ceremony {
  /** In base64url, as the options have it. */
  readonly challenge: string;
  /** Where the browser is. */
  readonly origin: string;
  readonly rpId?: string;
  readonly isVerified?: boolean;
  readonly counter?: number;
  /** What comes back as the user's handle; the account's 16 bytes are what we gave. */
  readonly userHandle?: Buffer;
  readonly type?: string;
}

/** One passkey on one device. */
export interface SoftPasskey {
  readonly credentialId: Buffer;
  /** JSON, as a form's field `credential` holds it. */
  make(ceremony: Ceremony, attestation?: Attestation): string;
  use(ceremony: Ceremony): string;
}

/** What is claimed of the device. */
interface Attestation {
  readonly format: string;
  readonly statement: Map<string, unknown>;
}

/** A new key pair (ES256) under a new id. */
export function createPasskey(): SoftPasskey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const credentialId = randomBytes(32);
  const id = credentialId.toString('base64url');
  return {
    credentialId,
    make(ceremony, { format, statement } = { format: 'none', statement: new Map() }) {
      const attested = Buffer.concat([
        Buffer.alloc(16), // an AAGUID that says nothing
        Buffer.from([0, credentialId.length]),
        credentialId,
        coseOf(publicKey),
      ]);
      const authData = Buffer.concat([dataOf(ceremony, 0x40), attested]);
      const object = new Map<string, unknown>([
        ['fmt', format],
        ['attStmt', statement],
        ['authData', new Uint8Array(authData)],
      ]);
      const attestationObject = Buffer.from(isoCBOR.encode(object as never));
      return printed(id, {
        clientDataJSON: clientDataOf('webauthn.create', ceremony),
        attestationObject,
        transports: ['internal', 'made-up'],
      });
    },
    use(ceremony) {
      const clientDataJSON = clientDataOf('webauthn.get', ceremony);
      const authenticatorData = dataOf(ceremony, 0);
      const hash = createHash('sha256').update(clientDataJSON).digest();
      const signature = sign('sha256', Buffer.concat([authenticatorData, hash]), privateKey);
      const { userHandle } = ceremony;
      return printed(id, {
        clientDataJSON,
        authenticatorData,
        signature,
        ...(userHandle === undefined ? {} : { userHandle }),
      });
    },
  };
}

function clientDataOf(usual: string, { type = usual, challenge, origin }: Ceremony): Buffer {
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
}

/** Authenticator data up to the counter (WebAuthn section 6.1). */
function dataOf(ceremony: Ceremony, more: number): Buffer {
  const { origin, rpId = new URL(origin).hostname, isVerified = true, counter = 0 } = ceremony;
  const data = Buffer.alloc(37);
  createHash('sha256').update(rpId).digest().copy(data);
  data[32] = 0x01 | (isVerified ? 0x04 : 0) | more;
  data.writeUInt32BE(counter, 33);
  return data;
}

function coseOf(publicKey: KeyObject): Buffer {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'));
  const key = new Map<number, unknown>([
    [1, 2],
    [3, -7],
    [-1, 1],
    [-2, bytes(x)],
    [-3, bytes(y)],
  ]);
  return Buffer.from(isoCBOR.encode(key as never));
}

function printed(id: string, response: Record<string, Buffer | string[]>): string {
  const fields = Object.entries(response).map(([name, value]) => [
    name,
    Buffer.isBuffer(value) ? value.toString('base64url') : value,
  ]);
  const all = { id, rawId: id, type: 'public-key', response: Object.fromEntries(fields) };
  return JSON.stringify({ ...all, clientExtensionResults: {} });
}
