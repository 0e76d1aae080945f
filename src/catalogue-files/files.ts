/**
 * The files of a catalogue, and the form of each. The JSON Schemas beside the files are generated
 * from these (`npm run catalogue -- schemas`).
 *
 * @module
 */

import { z } from 'zod';
import { demoFile } from './demo-file.ts';
import { effects, levels } from './levels.ts';
import { acts, routeIds } from './rule-names.ts';

/** As many as are measured to start and to decide quickly. */
export const largest = { scopes: 5000, permissions: 2000, roles: 200, fileBytes: 4_194_304 };

const name = (pattern: RegExp, sentence: string) => z.string().max(100).regex(pattern, sentence);
const scopeName = name(
  /^(user|organization|database|branch):[a-z][a-z0-9_]*$/,
  'must be level:name, the name in lower-case letters, digits and _',
);
const id = name(/^[a-z][a-z0-9_]*$/, 'must be lower-case letters, digits and _');
const text = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[^\p{Cc}<>{}%]+$/u, 'must be plain text without control characters, < > { } and %');
const permissions = z.array(id).max(largest.permissions);
const byKind = <Shape extends z.ZodType>(shape: Shape) =>
  z.strictObject({ development: shape, production: shape });
const $schema = z.string().optional();

const scope = z.strictObject({
  scope: scopeName,
  actsOn: z.enum(levels),
  requires: z.union([permissions, byKind(permissions.nullable())], {
    error: 'must be a list of permissions, or one for each of development and production (or null)',
  }),
  effect: z.enum(effects),
  description: text,
  origin: z.enum(['published', 'extension']).optional(),
  formerly: z.array(scopeName).optional(),
});

const permission = z.strictObject({
  id,
  on: z.enum(['organization', 'database']),
  label: text,
  reference: text.optional(),
});

const role = { id, name: text, formerly: z.array(id).optional() };
const organizationRole = z.strictObject({
  ...role,
  part: z.enum(['administrator', 'member']).optional(),
  permissions: permissions.optional(),
  onDatabases: permissions.optional(),
});
const databaseRole = z.strictObject({
  ...role,
  part: z.literal('administrator').optional(),
  permissions: permissions.optional(),
});
const baseRole = z.strictObject({ ...role, part: z.literal('default').optional(), permissions });
const roles = <Shape extends z.ZodType>(shape: Shape) => z.array(shape).min(1).max(largest.roles);

const each = <Name extends string, Shape extends z.ZodType>(names: readonly Name[], shape: Shape) =>
  z.strictObject(Object.fromEntries(names.map((key) => [key, shape])) as Record<Name, Shape>);

/** Forms of a word by any name: `dative` is `{database_dative}` in a message. */
const more = z.record(id, text).optional();
const plurals = Object.fromEntries(
  (['zero', 'two', 'few', 'many'] as const).map((category) => [category, text.optional()]),
) as Record<'zero' | 'two' | 'few' | 'many', z.ZodOptional<typeof text>>;
const noun = z.strictObject({ one: text, other: text, a: text.optional(), ...plurals, more });
const kind = z.union([text, z.strictObject({ one: text, a: text.optional(), more })], {
  error: 'must be a word, or its forms: one, a, and others under more',
});

/** What a platform calls things in one language. */
const words = z.strictObject({
  $schema,
  nouns: z.strictObject({ organization: noun, database: noun, branch: noun }),
  kinds: byKind(kind),
  /** A path that people could look for, `shop/main`; without it, one of the nouns. */
  examplePath: text.optional(),
  scopes: z.record(z.string(), text),
  /** Roles by id, where they are called otherwise than in roles.json. */
  roles: z.record(id, text).optional(),
  /** What permissions let people do, by id, where it is said otherwise than by their labels. */
  permissions: z.record(id, text).optional(),
});

/** The form of each file; other languages have files like `words.en.json`, see `wordsFile`. */
export const files = {
  'scopes.json': z.strictObject({ $schema, scopes: z.array(scope).min(1).max(largest.scopes) }),
  'permissions.json': z.strictObject({
    $schema,
    permissions: z.array(permission).min(1).max(largest.permissions),
  }),
  'roles.json': z.strictObject({
    $schema,
    organization: roles(organizationRole),
    database: roles(databaseRole),
    base: roles(baseRole),
  }),
  'rules.json': z.strictObject({
    $schema,
    view: z.strictObject({ organization: id, database: id, branch: id }),
    acts: z.strictObject({
      organization: each(acts.organization, id.optional()),
      database: each(acts.database, id.optional()),
      branch: each(acts.branch, byKind(id).optional()),
    }),
    routes: z.strictObject(
      Object.fromEntries(routeIds.map((key) => [key, z.array(scopeName).optional()])) as Record<
        (typeof routeIds)[number],
        z.ZodOptional<z.ZodArray<typeof scopeName>>
      >,
    ),
  }),
  'words.en.json': words,
  'demo.json': demoFile,
} as const;

/** The name of a file of words; the language is a BCP 47 tag, as a folder of views/messages is called. */
export const wordsFile = /^words\.([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.json$/;

/** What a platform calls things in one language. */
export type PlatformWords = z.output<typeof words>;

/** What a catalogue can be without. */
export const optionalFiles = ['demo.json'] as const;

/** The name of a file in a catalogue's directory. */
export type FileName = keyof typeof files;

/** What the files say, each well formed by itself. */
export type Files = Readonly<
  { [Name in Exclude<FileName, OptionalFile>]: z.output<(typeof files)[Name]> } & {
    [Name in OptionalFile]?: z.output<(typeof files)[Name]>;
  }
>;

type OptionalFile = (typeof optionalFiles)[number];
