/** An application, as the portal's form has it. */

import type { TypedApplication } from '../../src/portal/typed-application.ts';

/** An application, as it is typed. */
export const typedApplication: TypedApplication = {
  name: 'Lookout',
  description: '',
  homePage: '',
  kind: 'web',
  redirectUris: ['https://lookout.example/callback'],
  scopes: [],
  required: [],
  contact: '',
  privacy: '',
  terms: '',
};
