/**
 * What pages say when a passkey is refused, by message key.
 *
 * @module
 */

import type { RegistrationRefusal } from '../../accounts/passkeys/registration.ts';
import type { PasskeyRefusal } from '../../accounts/passkeys/sign-in.ts';

/** At sign-in. */
export const passkeyRefusals: Readonly<Record<PasskeyRefusal, string>> = {
  malformed: 'passkey-form.malformed',
  over: 'passkey-form.over',
  unknown: 'passkey-form.unknown',
  other_site: 'passkey-form.other-site',
  other_account: 'passkey-form.other-account',
  unverified: 'passkey-form.unverified',
  invalid: 'passkey-form.invalid',
  copied: 'passkey-form.copied',
};

/** When one is added. */
export const registrationRefusals: Readonly<Record<RegistrationRefusal, string>> = {
  malformed: 'passkey-form.malformed',
  over: 'passkey-form.over',
  other_site: 'passkey-form.other-site',
  unverified: 'passkey-form.unverified',
  invalid: 'passkey-form.invalid',
  bad_name: 'passkey-form.bad-name',
  known: 'passkey-form.known',
  too_many: 'passkey-form.too-many',
};
