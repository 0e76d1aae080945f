/**
 * The subjects of the operators' command line, by the first word of a command.
 *
 * @module
 */

import { account } from './account.ts';
import { application } from './application.ts';
import type { Subject } from './command.ts';
import { document } from './document.ts';
import { grants } from './grants.ts';
import { identityProvider } from './identity-provider.ts';
import { invitation } from './invitation.ts';
import { keys } from './keys.ts';
import { mail } from './mail.ts';
import { operator } from './operator.ts';
import { organization } from './organization.ts';
import { resourceServer } from './resource-server.ts';
import { role } from './role.ts';
import { serviceClient } from './service-client.ts';
import { sessions } from './sessions.ts';
import { token } from './token.ts';

export const subjects: Readonly<Record<string, Subject>> = {
  operator,
  account,
  organization,
  invitation,
  application,
  document,
  'resource-server': resourceServer,
  'service-client': serviceClient,
  'identity-provider': identityProvider,
  role,
  grants,
  sessions,
  mail,
  token,
  keys,
};
