/**
 * Every page and form of the console, one list: whoever adds a subject adds its line here.
 *
 * @module
 */

import { applicationPages } from './application-page.ts';
import { applicationsPages } from './applications-page.ts';
import { approvalForms, requestPages } from './approval-forms.ts';
import { auditPages } from './audit-page.ts';
import type { ConsolePage } from './console-page.ts';
import { databaseAccessPages } from './database-access-page.ts';
import { databasePages } from './database-page.ts';
import { databasesPages } from './databases-page.ts';
import { invitationsPages } from './invitations-page.ts';
import { memberPages } from './member-page.ts';
import { membersPages } from './members-page.ts';
import { overviewPages } from './overview-page.ts';
import { choicePages } from './settings-choices.ts';
import { settingsPages } from './settings-page.ts';
import { teamPages } from './team-page.ts';
import { teamsPages } from './teams-page.ts';
import { unusedPages } from './unused-page.ts';
import { whyPages } from './why-page.ts';

export const consolePages: readonly ConsolePage[] = [
  ...overviewPages,
  ...membersPages,
  ...invitationsPages,
  ...memberPages,
  ...teamsPages,
  ...teamPages,
  ...databasesPages,
  ...databasePages,
  ...databaseAccessPages,
  ...whyPages,
  ...auditPages,
  ...applicationsPages,
  ...requestPages,
  ...applicationPages, // after what could be read as an application's id
  ...unusedPages,
  ...approvalForms,
  ...settingsPages,
  ...choicePages,
];
