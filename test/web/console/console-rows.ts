/**
 * Who may open which page of the console: one row for each page and form of the list. `administrator` means
 * nobody else in the organization.
 */

export type Opener = 'member' | 'administrator';

export const consoleRows: Readonly<Record<string, Opener>> = {
  'GET ': 'member',
  'GET /why': 'member',
  'GET /members': 'member',
  'POST /members/:member/role': 'administrator',
  'GET /members/invitations': 'administrator',
  'POST /members/invitations': 'administrator',
  'POST /members/invitations/:invitation/resend': 'administrator',
  'POST /members/invitations/:invitation/cancel': 'administrator',
  'GET /members/:member': 'member',
  'POST /members/:member/suspend': 'administrator',
  'POST /members/:member/reinstate': 'administrator',
  'POST /members/:member/remove': 'administrator',
  'GET /applications': 'administrator',
  'GET /applications/:client': 'administrator',
  'GET /applications/requests': 'administrator',
  'POST /applications/:client/approve': 'administrator',
  'POST /applications/:client/withdraw': 'administrator',
  'POST /applications/:client/decline': 'administrator',
  'POST /applications/:client/shut-out': 'administrator',
  'POST /applications/:client/lift': 'administrator',
  'GET /settings': 'administrator',
  'POST /settings/name': 'administrator',
  'GET /settings/base-role': 'administrator',
  'POST /settings/base-role': 'administrator',
  'GET /settings/application-policy': 'administrator',
  'POST /settings/application-policy': 'administrator',
  'GET /settings/consent-time': 'administrator',
  'POST /settings/consent-time': 'administrator',
};
