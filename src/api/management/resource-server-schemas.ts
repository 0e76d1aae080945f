/**
 * What the routes of resource servers take and answer.
 *
 * @module
 */

import { z } from 'zod';
import { callableNames } from '../../catalogue/scopes.ts';
import { instant, scopeName } from './schemas.ts';

const scopeList = z.array(scopeName).max(callableNames.length).nullable();

const acceptedScopes = {
  scopes: scopeList.optional().meta({
    description:
      'What it accepts: a token for its address has no others. Null accepts every scope.',
  }),
  default_scopes: scopeList.optional().meta({
    description:
      'What is asked for where a request names the address and no scope; null: `scopes`.',
  }),
  requires_resource: z.boolean().optional().meta({
    description: 'Whether it must name the resource when it introspects.',
  }),
};

const resourceServerName = z
  .string()
  .min(1)
  .max(100)
  .meta({ examples: ['Branches API'] });

/** A resource server as it is asked for. */
export const newResourceServer = z.strictObject({
  name: resourceServerName,
  audience: z
    .string()
    .max(2_000)
    .nullable()
    .default(null)
    .meta({
      description: 'Its https address, the `resource` of RFC 8707: it cannot be changed.',
      examples: ['https://mcp.example.com/mcp'],
    }),
  ...acceptedScopes,
});

/** What is left out stays as it is. */
export const resourceServerChange = z.strictObject({
  name: resourceServerName.optional(),
  ...acceptedScopes,
});

export const resourceServer = z
  .object({
    id: z.string(),
    name: z.string(),
    audience: z.string().nullable(),
    scopes: z.array(scopeName).nullable(),
    default_scopes: z.array(scopeName).nullable(),
    requires_resource: z.boolean(),
    status: z.enum(['active', 'suspended']),
    created_at: instant,
  })
  .meta({
    id: 'ResourceServer',
    description: "Asks what a token may do, and learns only of its organization's resources.",
  });

const secret = z.object({
  id: z.string(),
  name: z.string(),
  created_at: instant,
  last_used_at: instant.nullable().meta({ description: 'To the hour.' }),
  expires_at: instant.nullable(),
});

export const secrets = z.object({ items: z.array(secret) });

export const madeSecret = z
  .object({
    id: z.string(),
    client_id: z.string(),
    client_secret: z.string().meta({ description: 'Shown this once.' }),
  })
  .meta({ id: 'MadeSecret' });
