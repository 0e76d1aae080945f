/**
 * What the routes of an organization's own applications take and answer.
 *
 * @module
 */

import { z } from 'zod';
import { callableNames } from '../../catalogue/scopes.ts';
import { maxUploadBytes } from '../../portal/logo-image.ts';
import { kinds } from '../../portal/typed-application.ts';
import { email, instant, printedId, scopeName } from './schemas.ts';

/** Of a file of the greatest size, in base64. */
const maxEncoded = Math.ceil(maxUploadBytes / 3) * 4;

const scopeList = z.array(scopeName).max(callableNames.length);
const link = z.string().max(2_000).nullable().default(null);

/** A picture to make a logo of. */
export const logoPicture = z.strictObject({
  image: z
    .base64()
    .min(1)
    .max(maxEncoded)
    .meta({
      description: 'A PNG, JPEG or WebP file of at most 512 KB, in base64.',
      examples: ['iVBORw0KGgo='],
    }),
});

const texts = {
  name: z
    .string()
    .min(1)
    .max(64)
    .meta({ examples: ['Lookout'] }),
  description: z.string().max(300).default(''),
  home_page: link.meta({ examples: ['https://lookout.example/'] }),
  redirect_uris: z
    .array(z.string().max(2_000))
    .max(10)
    .meta({ examples: [['https://lookout.example/callback']] }),
  scopes: scopeList.default([]).meta({ description: 'The most that it may ask for.' }),
  required_scopes: scopeList
    .default([])
    .meta({ description: 'Those of `scopes` that a person cannot leave out.' }),
  contact: email.nullable().default(null),
  privacy_policy: link,
  terms: link,
};

/** An application as it is registered. */
export const newOwnedApplication = z.strictObject({
  kind: z.enum(kinds).meta({
    description: 'A `web` application keeps a secret on its server; the others keep none.',
  }),
  ...texts,
});

/** All of it: what is left out goes back to nothing. */
export const ownedApplicationChange = z.strictObject(texts);

/** The proof that an application is one's own. */
export const adoption = z.strictObject({
  registration_access_token: z
    .string()
    .min(1)
    .max(256)
    .meta({ description: 'What it got when it registered itself (RFC 7592); it ends.' }),
});

export const ownedApplication = z
  .object({
    id: z.string(),
    kind: z.enum(kinds),
    name: z.string(),
    description: z.string(),
    home_page: z.string().nullable(),
    redirect_uris: z.array(z.string()),
    scopes: z.array(scopeName),
    required_scopes: z.array(scopeName),
    contact: z.string().nullable(),
    privacy_policy: z.string().nullable(),
    terms: z.string().nullable(),
    logo: z
      .string()
      .nullable()
      .meta({
        description: 'Where its logo is, below the issuer.',
        examples: ['/application-logos/9rH0Zt6kF2yq3m1sW8vJcXbLdGpEoUiNaTzKhRfQeYs'],
      }),
    status: z.enum(['active', 'suspended']),
    is_verified: z.boolean(),
    created_at: instant,
  })
  .meta({
    id: 'OwnedApplication',
    description: 'An application that belongs to the organization and asks people for access.',
  });

export const secretWish = z.strictObject({
  name: z.string().max(64).default(''),
  days: z
    .int()
    .min(1)
    .max(3_650)
    .nullable()
    .default(null)
    .meta({ description: 'It ends after so many days; null: when it is ended.' }),
});

const secret = z.object({
  id: z.string(),
  name: z.string(),
  created_at: instant,
  last_used_at: instant.nullable().meta({ description: 'To the hour.' }),
  expires_at: instant.nullable(),
});

export const ownedSecrets = z.object({ items: z.array(secret) });

export const madeOwnedSecret = z
  .object({
    id: z.string(),
    client_id: z.string(),
    client_secret: z.string().meta({ description: 'Shown this once.' }),
  })
  .meta({ id: 'MadeApplicationSecret' });

export const manager = z
  .object({ id: printedId('member'), email, name: z.string(), suspended: z.boolean() })
  .meta({ id: 'Manager', description: 'A member who looks after one application.' });

export const managers = z.object({ items: z.array(manager) });

const publicKey = z.looseObject({ kty: z.string() });

/** One of both. */
export const keyWish = z.strictObject({
  jwks: z
    .object({ keys: z.array(publicKey).max(20) })
    .nullable()
    .default(null)
    .meta({ description: 'Public keys (RFC 7517).' }),
  jwks_uri: link.meta({ description: 'Where it publishes them.' }),
});

export const ownedKeys = z
  .object({
    jwks_uri: z.string().nullable(),
    keys: z.array(publicKey).meta({ description: 'Of an address those that were fetched last.' }),
  })
  .meta({ id: 'ApplicationKeys' });

export const firstSecret = z
  .object({
    client_id: z.string(),
    client_secret: z.string().meta({ description: 'Shown this once.' }),
  })
  .meta({ id: 'FirstApplicationSecret' });

export const ownedDomain = z
  .object({
    host: z.string(),
    record: z.object({ type: z.literal('TXT'), name: z.string(), value: z.string() }),
    proved_at: instant.nullable(),
  })
  .meta({ id: 'ApplicationDomain' });

export const domainCheck = z
  .object({
    outcome: z.enum(['proved', 'not_found', 'no_answer']).meta({
      description: 'No answer: the name servers did not answer in time.',
    }),
    found: z.array(z.string()).meta({ description: 'Other texts under the name of the record.' }),
  })
  .meta({ id: 'DomainCheck' });

const reason = z.string().meta({
  description: 'The cause, as its entry at `/errors` is called; empty where nothing failed.',
  examples: ['redirect-uri'],
});
const event = z.string().meta({ examples: ['code_issued'] });

export const ownedActivity = z
  .object({
    problems: z.array(
      z.object({
        event,
        reason,
        detail: z.string().meta({ description: 'What was sent, or is wrong with it.' }),
        count: z.int(),
        last_at: instant,
      }),
    ),
    flows: z.array(z.object({ steps: z.array(z.object({ event, reason, at: instant })) })).meta({
      description: 'The steps of one authorization together, in order; the newest first.',
    }),
    days: z.array(
      z.object({ day: z.iso.date(), counts: z.record(z.string(), z.int()) }).meta({
        description: 'How often each event was, in UTC.',
      }),
    ),
  })
  .meta({ id: 'ApplicationActivity' });
