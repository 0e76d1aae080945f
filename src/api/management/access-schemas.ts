/**
 * What requests and answers about approvals and the access of applications are made of.
 *
 * @module
 */

import { z } from 'zod';
import { callableNames } from '../../catalogue/scopes.ts';
import { namePattern } from '../../clients/name-rule.ts';
import { longestReason } from '../../organizations/approval-requests.ts';
import { applicationPolicy, email, instant, printedId, scopeName } from './schemas.ts';

const reason = z.string().min(1).max(longestReason).regex(new RegExp(namePattern));

/** Why a member asks for an approval. */
export const approvalWish = z.strictObject({
  reason: reason.meta({ examples: ['We draw the monthly reports with it.'] }),
});

/** Why it is declined. */
export const declining = z.strictObject({
  reason: reason.optional().meta({ description: 'What those who asked are told.' }),
});

export const approvalRequest = z
  .object({
    application: z.string(),
    name: z.string(),
    member: printedId('member'),
    member_name: z.string(),
    reason: z.string(),
    requested_at: instant,
  })
  .meta({ id: 'ApprovalRequest' });

/** The ceilings of an approval, as they are asked for. */
export const ceilings = z.strictObject({
  scopes: z.array(scopeName).max(callableNames.length).nullable().default(null).meta({
    description:
      'The most that the application may do; null is all that it is registered for now, and what it registers later waits.',
  }),
  production: z
    .boolean()
    .default(true)
    .meta({ description: 'Whether production branches may be reached.' }),
  max_grant_seconds: z
    .int()
    .min(1)
    .max(10 * 365 * 24 * 3600)
    .nullable()
    .default(null)
    .meta({ description: 'How old a grant may grow; null is no ceiling.' }),
});

export const approval = z
  .object({
    application: z.string(),
    name: z.string(),
    scopes: z.array(scopeName).nullable(),
    production: z.boolean(),
    max_grant_seconds: z.int().nullable(),
    approved_by: printedId('member').nullable(),
    approved_at: instant,
  })
  .meta({ id: 'Approval' });

export const applicationAccess = z
  .object({
    application: z.string(),
    name: z.string(),
    verified: z.boolean(),
    owned: z.boolean().meta({ description: 'Whether the organization owns it.' }),
    approved: z.boolean(),
    members: z.int().meta({ description: 'How many people allowed it something.' }),
    entries: z.int(),
    scopes: z.array(scopeName).meta({ description: 'All that any of them allowed.' }),
    since: instant,
    last_used_at: instant.nullable().meta({
      description:
        'The day of the last use in this organization, in UTC; null where none was counted.',
    }),
  })
  .meta({ id: 'ApplicationAccess' });

export const applicationUse = applicationAccess
  .extend({
    picked_resources: z.int().meta({ description: 'The different resources that members picked.' }),
    used_resources: z.int().meta({
      description: 'Those on which, or on something under which, it did something in 90 days.',
    }),
    picked_scopes: z.int().meta({ description: 'The different scopes that members allowed.' }),
    used_scopes: z.int().nullable().meta({
      description:
        'Those that it used in 90 days; null where resource servers did not always say what a token was used for.',
    }),
  })
  .meta({ id: 'ApplicationUse' });

export const unusedAccess = z
  .object({
    resources: z
      .array(
        z.object({
          level: z.enum(['organization', 'database', 'branch']),
          path: z.string().meta({ description: 'By the names now.' }),
          members: z.int().meta({ description: 'How many people allowed it.' }),
        }),
      )
      .meta({ description: 'On which nothing was done for anybody in 90 days; 200 at most.' }),
    resource_count: z.int(),
    scopes: z.array(scopeName).meta({
      description: 'That were used for nobody, on what is used; empty where that is unknown.',
    }),
    members: z.int().meta({ description: 'Of how many people something would end.' }),
  })
  .meta({ id: 'UnusedAccess' });

export const memberAccess = z
  .object({
    member: printedId('member'),
    name: z.string(),
    email,
    resources: z.array(
      z.object({
        level: z.enum(['organization', 'database', 'branch']),
        path: z.string().meta({ description: 'By the names now.' }),
        scopes: z.array(scopeName),
        production: z.boolean().meta({
          description: 'Whether production branches are included; of a branch, what it was then.',
        }),
        rests: z.boolean().meta({ description: 'Of no effect until it is allowed again.' }),
      }),
    ),
    since: instant,
    expires_at: instant.nullable(),
    last_used_at: instant.nullable(),
  })
  .meta({ id: 'MemberAccess' });

/** A policy to look at before it is set. */
export const policyQuery = z.strictObject({
  application_policy: applicationPolicy.optional(),
  production_needs_approval: z.enum(['true', 'false']).optional(),
});

export const policyPreview = z
  .object({
    applications: z.array(
      z.object({
        application: z.string(),
        name: z.string(),
        loses: z.enum(['everything', 'part', 'production']),
      }),
    ),
    members: z.int().meta({ description: 'How many people it takes something from.' }),
    consents: z.int(),
  })
  .meta({ id: 'PolicyPreview' });

export const endedAccess = z
  .object({
    members: z.int().meta({ description: 'Of how many people something ended.' }),
    ended_entries: z.int(),
    narrowed_entries: z.int().meta({ description: 'That lost scopes and keep others.' }),
  })
  .meta({ id: 'EndedAccess' });

export const shutOut = z
  .object({
    application: z.string(),
    name: z.string(),
    shut_out_by: printedId('member').nullable(),
    shut_out_at: instant,
    ended_members: z.int().meta({ description: 'Of how many people something ended.' }),
    ended_entries: z.int(),
  })
  .meta({ id: 'ShutOut' });
