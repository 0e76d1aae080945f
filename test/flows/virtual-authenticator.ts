/** The authenticator that Chromium plays for tests: it has the person's consent at once. */

import type { CDPSession, Page } from 'playwright-core';

/** A device of the person at a page, with the passkeys that it holds. */
export interface Device {
  /** Whether the device finds that it is its owner who sits there. */
  verify(isVerified: boolean): Promise<void>;
  /** Sets the counters back to 0, as those of a copy that was made before. */
  rewind(): Promise<void>;
  /** How many passkeys it holds. */
  count(): Promise<number>;
}

/** Gives the browser of a page a device; `hasSuggestions: false` takes autofill from the page. */
export async function addDevice(page: Page, { hasSuggestions = true } = {}): Promise<Device> {
  if (!hasSuggestions) {
    await page.addInitScript(
      'PublicKeyCredential.isConditionalMediationAvailable = async () => false',
    );
  }
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    verify: async (isUserVerified) => {
      await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
    },
    rewind: () => rewind(session, authenticatorId),
    count: async () =>
      (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials.length,
  };
}

async function rewind(session: CDPSession, authenticatorId: string): Promise<void> {
  const { credentials } = await session.send('WebAuthn.getCredentials', { authenticatorId });
  await session.send('WebAuthn.clearCredentials', { authenticatorId });
  for (const credential of credentials) {
    await session.send('WebAuthn.addCredential', {
      authenticatorId,
      credential: { ...credential, signCount: 0 },
    });
  }
}
