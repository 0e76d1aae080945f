/**
 * Organizations: settings, and the end.
 *
 * @module
 */

import { z } from 'zod';
import { scopesOfRoute } from '../../catalogue/rules.ts';
import { parseId } from '../../lib/ids.ts';
import { defaultBaseRole } from '../../members/roles.ts';
import { createOrganization } from '../../organizations/create-organization.ts';
import { readInside } from '../../organizations/inside.ts';
import {
  deleteOrganization,
  renameOrganization,
  setApplicationPolicy,
  setBaseRole,
  setMaxEntryDays,
  setMaxIdleDays,
} from '../../organizations/organization-settings.ts';
import { previewPolicy } from '../../organizations/policy-preview.ts';
import { inOrganization } from '../../organizations/rights.ts';
import type { Db } from '../../storage/engine/database.ts';
import { findOrganization, listOrganizations } from '../../storage/tree/organizations.ts';
import { policyPreview, policyQuery } from './access-schemas.ts';
import { personOf } from './person.ts';
import { printOrganization, printOrganizationName } from './print.ts';
import { printPolicyPreview } from './print-access.ts';
import { listRoute, route } from './route.ts';
import * as schemas from './schemas.ts';

const one = '/organizations/{organization}';
const answer = schemas.organization;
const print = printOrganization;

async function current(db: Db, { organizationId }: { organizationId: string }) {
  const found = await findOrganization(db, organizationId);
  return found && printOrganization(found);
}

export const organizationRoutes = [
  listRoute({
    id: 'listOrganizations',
    address: 'GET /organizations',
    summary: 'The organizations of the person',
    description:
      'To a token, the settings of an organization are shown only where it may read that organization.',
    ways: ['session', 'application'],
    filters: schemas.bySlug,
    item: schemas.listedOrganization,
    select: ({ db, actor, query }, part) =>
      listOrganizations(db, personOf(actor).accountId, query, part),
    inFull: {
      of: ({ id }) => ({ kind: 'organization', id }),
      scopes: scopesOfRoute('readOrganization'),
    },
    print: (one, inFull) => (inFull ? print(one) : printOrganizationName(one)),
  }),
  route({
    id: 'createOrganization',
    address: 'POST /organizations',
    summary: 'Create an organization, and become its first administrator',
    description: 'A service client names the administrator.',
    ways: ['session', 'service'],
    conflicts: ['slug_taken'],
    body: schemas.nameAndSlug.extend({ administrator: schemas.printedId('member').optional() }),
    status: 201,
    answer,
    run: ({ work, actor, body: { administrator, ...named } }) =>
      createOrganization(work, actor, {
        ...named,
        administratorId: parseId('user', administrator ?? ''),
      }),
    print: (id, { body: { name, slug } }) =>
      print({ id, name: name.normalize('NFC').trim(), slug, ...firstSettings }),
  }),
  route({
    id: 'readOrganization',
    address: `GET ${one}`,
    summary: 'Read an organization',
    act: 'organization.read',
    answer,
    run: ({ db, actor, at }) =>
      readInside(
        db,
        inOrganization(actor, 'organization.read', at),
        async (_tx, { organization }) => organization,
      ),
    print,
  }),
  route({
    id: 'renameOrganization',
    address: `PATCH ${one}`,
    summary: 'Change name and slug; everything stays bound to the id',
    act: 'organization.renamed',
    conflicts: ['slug_taken', 'managed_by_platform'],
    body: schemas.nameAndSlug,
    answer,
    run: ({ work, actor, at, body }) => renameOrganization(work, actor, at.organizationId, body),
    print,
    current,
  }),
  route({
    id: 'deleteOrganization',
    address: `DELETE ${one}`,
    summary: 'Delete an organization with all that is inside it',
    act: 'organization.deleted',
    conflicts: ['managed_by_platform'],
    status: 204,
    run: ({ work, actor, at }) => deleteOrganization(work, actor, at.organizationId),
    current,
  }),
  route({
    id: 'setBaseRole',
    address: `PUT ${one}/base-role`,
    summary: 'Set the role that every member has on every database',
    description: 'It is policy, and not settable by token.',
    act: 'organization.base_role_changed',
    body: z.strictObject({ base_role: schemas.baseRole }),
    answer,
    run: ({ work, actor, at, body }) => setBaseRole(work, actor, at.organizationId, body.base_role),
    print,
    current,
  }),
  route({
    id: 'setApplicationPolicy',
    address: `PUT ${one}/application-policy`,
    summary: 'Set which applications of others need an approval, and for what',
    description: 'At once for all tokens. What is left out stays as it is.',
    act: 'organization.application_policy_changed',
    body: schemas.applicationPolicies,
    answer,
    run: ({ work, actor, at, body }) =>
      setApplicationPolicy(work, actor, at.organizationId, {
        ...(body.application_policy && { applicationPolicy: body.application_policy }),
        ...(body.production_needs_approval !== undefined && {
          guardsProduction: body.production_needs_approval,
        }),
      }),
    print,
    current,
  }),
  route({
    id: 'previewApplicationPolicy',
    address: `GET ${one}/application-policy/preview`,
    summary: 'What another application policy would take, and from how many people',
    description:
      'Of the applications that have access now. What is left out of the query stays as it is.',
    act: 'application_access.read',
    query: policyQuery,
    answer: policyPreview,
    run: ({ db, actor, at, query }) =>
      previewPolicy(db, actor, at.organizationId, {
        ...(query.application_policy && { applicationPolicy: query.application_policy }),
        ...(query.production_needs_approval && {
          guardsProduction: query.production_needs_approval === 'true',
        }),
      }),
    print: printPolicyPreview,
  }),
  route({
    id: 'setMaxEntryDays',
    address: `PUT ${one}/max-entry-days`,
    summary: 'Set after how many days what was consented to rests until it is consented to again',
    act: 'organization.max_entry_days_changed',
    body: z.strictObject({ max_entry_days: schemas.maxEntryDays }),
    answer,
    run: ({ work, actor, at, body }) =>
      setMaxEntryDays(work, actor, at.organizationId, body.max_entry_days ?? undefined),
    print,
    current,
  }),
  route({
    id: 'setMaxIdleDays',
    address: `PUT ${one}/max-idle-days`,
    summary: 'Set after how many days without a use what was consented to ends',
    description: 'Its person gets a mail 7 days before; a use until then keeps it.',
    act: 'organization.max_idle_days_changed',
    body: z.strictObject({ max_idle_days: schemas.maxIdleDays }),
    answer,
    run: ({ work, actor, at, body }) =>
      setMaxIdleDays(work, actor, at.organizationId, body.max_idle_days ?? undefined),
    print,
    current,
  }),
];

/** The settings that every organization begins with. */
const firstSettings = {
  baseRole: defaultBaseRole,
  applicationPolicy: 'open',
  guardsProduction: false,
  maxEntryDays: undefined,
  maxIdleDays: undefined,
  suspendedFor: undefined,
} as const;
