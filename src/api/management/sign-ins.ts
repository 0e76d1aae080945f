/**
 * Sign-ins that Usher hands to the platform (`SIGN_IN_URL`): its service client says who is there.
 *
 * @module
 */

import { z } from 'zod';
import { authenticationMethods, byPasskey, twoFactorClass } from '../../accounts/authentication.ts';
import { addressFault, normalizeEmail } from '../../lib/email-address.ts';
import { parseId } from '../../lib/ids.ts';
import { invalid } from '../../organizations/refusals.ts';
import { nameHandOff } from '../../upstream/name-hand-off.ts';
import { route } from './route.ts';
import * as schemas from './schemas.ts';

const whoSignsIn = z.strictObject({
  account: z.string().max(300).optional().meta({ description: "An account's id here." }),
  subject: schemas.subject.optional(),
  email: z.string().max(320).optional().meta({
    description: 'An address that the platform has verified. Where it has no account, one is made.',
  }),
  name: schemas.personName.optional().meta({ description: 'Of the account that is made.' }),
  amr: z.array(z.enum(authenticationMethods)).max(authenticationMethods.length).optional().meta({
    description: 'How they proved it (RFC 8176), for the ID tokens of applications.',
  }),
  acr: z.enum([byPasskey.acr, twoFactorClass]).optional().meta({
    description:
      '`phr`: in a way that resists phishing, such as a passkey. `urn:usher:acr:mfa`: by two factors, as `mfa` in `amr` says too.',
  }),
  fresh: z.boolean().default(false).meta({
    description:
      'Whether the person has proven who they are since the browser came, as `prompt=login` asks for.',
  }),
});

export const signInRoutes = [
  route({
    id: 'nameSignIn',
    address: 'POST /sign-in-challenges/{challenge}',
    summary: 'Say who signs in, for a browser that was sent to the platform',
    description: `One of \`account\`, \`subject\` and \`email\` is needed, and decides in this order. The platform
vouches that the person is at the browser that brought the challenge, and that the address is theirs: an
account here whose address was never proven loses its passwords, passkeys, sessions and consents first. The
challenge counts once and for 15 minutes; the address in the answer counts once and for two minutes, in
the browser that began alone. Takes a service client with \`--sign-in\`.`,
    isForPlatform: true,
    conflicts: ['fresh_sign_in_needed'],
    body: whoSignsIn,
    answer: z.object({
      redirect_to: z
        .url()
        .meta({ description: 'Send the browser there. Keep it from everybody else.' }),
    }),
    run: ({ work, actor, at, body }) => nameHandOff(work, actor, at.challenge, wishOf(body)),
    print: ({ redirectTo }) => ({ redirect_to: redirectTo }),
  }),
];

function wishOf({ account, subject, email, name, fresh, amr, acr }: z.output<typeof whoSignsIn>) {
  const accountId = account === undefined ? undefined : parseId('user', account);
  const normal = email === undefined ? undefined : normalizeEmail(email);
  if (account !== undefined && accountId === undefined)
    throw invalid({ field: 'account', message: 'must be an account' });
  if (email !== undefined && normal === undefined)
    throw invalid({ field: 'email', message: addressFault(email) });
  if (accountId === undefined && subject === undefined && normal === undefined)
    throw invalid({ field: 'account', message: 'must be given, or a subject, or an email' });
  return { accountId, subject, email: normal, name, isFresh: fresh, amr, acr };
}
