/**
 * The levels of scopes and what scopes do: fixed, whatever a platform calls its things.
 *
 * @module
 */

/** The levels, widest first: how far a scope reaches, and the kinds of thing it can act on. */
export const levels = ['user', 'organization', 'database', 'branch'] as const;

/** How far a scope reaches from the resource that the user picked. */
export type Level = (typeof levels)[number];

/** What a scope does to people's data, most harmless first: pages group and warn by it. */
export const effects = ['see', 'change', 'people', 'delete', 'secrets'] as const;

/** What a scope does: `people` is members, roles and invitations; `secrets` open the data itself. */
export type Effect = (typeof effects)[number];
