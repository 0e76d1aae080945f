/**
 * A key pair whose private half goes into a file, for its owner alone.
 *
 * @module
 */

import { rmSync, writeFileSync } from 'node:fs';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { CommandError, exitCodes } from './command.ts';

/** A key pair of which the private half is in a file. */
export interface WrittenKey {
  readonly publicKey: JWK;
  /** Takes the file away again: nobody registered the key. */
  discard(): void;
}

/**
 * Makes a key for ES256 and writes its private half as a JWK; mode 0600.
 *
 * @throws {CommandError} there is a file of that name already, or none can be written.
 */
export async function writeNewKey(file: string): Promise<WrittenKey> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const shared = await exportJWK(publicKey);
  const named = { kid: await calculateJwkThumbprint(shared), alg: 'ES256', use: 'sig' };
  const secret = { ...(await exportJWK(privateKey)), ...named };
  try {
    writeFileSync(file, `${JSON.stringify(secret, undefined, 2)}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST') throw new CommandError(`${file} cannot be written: ${message}`);
    throw new CommandError(
      `${file} is there already. Name a new file; no key is ever written over.`,
      exitCodes.refused,
    );
  }
  return { publicKey: { ...shared, ...named }, discard: () => rmSync(file, { force: true }) };
}
