/**
 * What requests and answers are made of.
 *
 * Schemas with an `id` have that name in the OpenAPI document.
 *
 * @module
 */

import { z } from 'zod';
import { databasePermissionIds } from '../../catalogue/permissions.ts';
import { callableNames } from '../../catalogue/scopes.ts';
import { namePattern } from '../../clients/name-rule.ts';
import { applicationPolicies as policyNames } from '../../decisions/policy.ts';
import { callableRoles } from '../../members/roles.ts';
import { describeId, externalId, type IdNames } from './path-parameters.ts';

/** A printed id of one kind. */
export const printedId = (name: keyof IdNames) => {
  const { form, example } = describeId(name);
  return z
    .string()
    .regex(new RegExp(form))
    .meta({ examples: [example] });
};

export const slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and hyphens, not first a hyphen')
  .meta({
    description: 'Unique within its parent; some words are reserved.',
    examples: ['orders'],
  });

/** Whom the platform means, by its own id. */
export const subject = z.string().regex(externalId).meta({
  description:
    "The platform's own id of the person, which never means anybody else. With an address the first time.",
});

/** Whose subject it is. */
export const subjectProvider = z.string().min(1).max(40).meta({
  description:
    'The identity provider whose subject it is, by its id here. Left out: the platform itself (`SIGN_IN_URL`), or the only identity provider.',
});

export const name = z
  .string()
  .min(1)
  .max(400)
  .meta({
    description: 'At most 100 characters of one writing system, none of them hidden.',
    examples: ['Orders and shipping'],
  });
const wishedName = name.meta({ ...name.meta(), pattern: namePattern });
/** The name of a person, as it is sent. */
export const personName = z.string().min(1).max(100).meta({ pattern: namePattern });

export const email = z
  .string()
  .min(3)
  .max(254)
  .meta({ examples: ['somebody@example.com'] });
export const organizationRole = z.enum(callableRoles.organization);
export const databaseRole = z.enum(callableRoles.database);
export const baseRole = z.enum(callableRoles.base);
export const applicationPolicy = z.enum(policyNames).meta({
  description:
    'Whether applications of others need an approval: none, those that no operator has verified, or all.',
});
const productionNeedsApproval = z.boolean().meta({
  description:
    'Whether applications of others that no operator has verified reach production branches only by an approval.',
});
/** What an organization sets for applications of others. */
export const applicationPolicies = z.strictObject({
  application_policy: applicationPolicy.optional(),
  production_needs_approval: productionNeedsApproval.optional(),
});
export const maxEntryDays = z.int().min(1).max(3650).nullable();
export const maxIdleDays = z.int().min(14).max(3650).nullable();
/** The filters of a list of things with slugs. */
export const bySlug = { slug: slug.optional() };
export const nameAndSlug = z.strictObject({ name: wishedName, slug });
export const slugAlone = z.strictObject({ slug });

export const instant = z.iso.datetime().meta({ examples: ['2026-11-26T09:30:00.000Z'] });

export const organization = z
  .object({
    id: printedId('organization'),
    slug,
    name,
    base_role: baseRole,
    application_policy: applicationPolicy,
    production_needs_approval: productionNeedsApproval,
    max_entry_days: maxEntryDays,
    max_idle_days: maxIdleDays,
  })
  .meta({ id: 'Organization' });

/** An organization in the list of a person's. */
export const listedOrganization = organization
  .partial({
    base_role: true,
    application_policy: true,
    production_needs_approval: true,
    max_entry_days: true,
    max_idle_days: true,
  })
  .meta({ id: 'ListedOrganization' });

export const member = z
  .object({
    id: printedId('member'),
    email,
    name: z.string(),
    role: organizationRole,
    suspended: z.boolean(),
    joined_at: instant,
  })
  .meta({ id: 'Member' });

export const invitation = z
  .object({
    id: printedId('invitation'),
    email,
    role: organizationRole,
    invited_by: printedId('member').nullable(),
    expires_at: instant,
    is_expired: z.boolean(),
  })
  .meta({ id: 'Invitation' });

export const team = z.object({ id: printedId('team'), slug, name }).meta({
  id: 'Team',
  description: 'Gives Database Administrator on its databases to its members.',
});

export const person = z
  .object({ id: printedId('member'), email, name: z.string() })
  .meta({ id: 'Person' });

export const database = z
  .object({ id: printedId('database'), organization: printedId('organization'), slug })
  .meta({ id: 'Database' });

export const databaseMember = z
  .object({ id: printedId('member'), email, name: z.string(), role: databaseRole })
  .meta({ id: 'DatabaseMember', description: 'Somebody with a role given directly.' });

export const memberRole = z
  .object({ database, role: databaseRole })
  .meta({ id: 'MemberRole', description: 'A role given directly on a database.' });

export const branch = z
  .object({
    id: printedId('branch'),
    organization: printedId('organization'),
    database: printedId('database'),
    slug,
    production: z.boolean(),
  })
  .meta({ id: 'Branch' });

const source = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('organization_role'), role: organizationRole }),
  z.object({ kind: z.literal('direct_role'), role: databaseRole }),
  z.object({
    kind: z.literal('team'),
    role: databaseRole,
    team: team.optional().meta({ description: 'Not by token: no scope reads teams.' }),
  }),
  z.object({
    kind: z.literal('base_role'),
    role: baseRole.optional().meta({ description: "Not by token: it is the organization's." }),
  }),
]);

export const access = z
  .object({
    permissions: z.array(
      z.object({
        permission: z.enum(databasePermissionIds as [string, ...string[]]),
        sources: z.array(source).min(1),
      }),
    ),
  })
  .meta({ id: 'Access', description: 'Each permission that is held, with all that gives it.' });

export const scopeName = z.enum(callableNames as [string, ...string[]]);

export const consent = z
  .object({
    application: z.string(),
    name: z.string(),
    openid: z.array(z.string()).meta({ description: "OpenID's scopes." }),
    resources: z.array(
      z.object({
        level: z.string(),
        path: z.string().meta({ description: "By the names now; '' is the person's own account." }),
        production: z.boolean().nullable().meta({
          description: 'Whether production branches are included, of what has branches.',
        }),
        scopes: z.array(z.string()),
        resting: z.array(z.string()).meta({
          description: 'Those older than the organization lets them grow: of no effect now.',
        }),
      }),
    ),
    created_at: instant,
    expires_at: instant.nullable(),
    last_used_at: instant.nullable(),
  })
  .meta({ id: 'Consent', description: 'What a person allowed to an application.' });

export const auditEvent = z
  .object({
    id: z.string(),
    at: instant,
    action: z.string(),
    outcome: z.enum(['done', 'refused']),
    actor: printedId('member').nullable(),
    actor_email: email
      .nullable()
      .meta({ description: "The actor's address now; null once deleted." }),
    application: z.string().nullable(),
    organization: printedId('organization').nullable(),
    subject: z.string().nullable(),
    before: z.unknown(),
    after: z.unknown(),
    address: z.string().nullable(),
    user_agent: z.string().nullable(),
  })
  .meta({ id: 'AuditEvent' });

export const user = z
  .object({ id: printedId('member'), email, name: z.string(), email_verified: z.boolean() })
  .meta({ id: 'User' });

export const synced = z
  .object({ id: z.string(), outcome: z.enum(['created', 'updated', 'unchanged']) })
  .meta({ id: 'Synced', description: 'A thing that is as it was asked to be, by its id here.' });

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    reason: z.string().optional(),
    detail: z.string().optional(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
    request_id: z.string(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457. Callers switch on `type`, then on `reason`.' });
