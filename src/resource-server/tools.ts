/**
 * What the tools of an MCP server need, and whether a token may call one now.
 *
 *   scope on the very resource? -> yes: the tool runs
 *        no -> why? -> a scope that the client can ask its user for: a challenge, and the host steps up
 *                   -> anything else: words for the user, such as which role is missing and who gives it
 *
 * A challenge that no consent can meet would send the user round in circles.
 *
 * @module
 */

import type { Decision } from './decision.ts';
import type { AnsweredResource, LiveToken, ResourceType } from './token-answer.ts';
import type { Usher } from './usher.ts';

/** The arguments of a call, as the client sent them: nobody has checked them yet. */
export type ToolArguments = Readonly<Record<string, unknown>>;

/** What a tool needs. */
export interface ToolNeed {
  /** As `level:name`. */
  readonly scope: string;
  /** The kind of resource that the tool is about; any other is refused. */
  readonly type: ResourceType;
  /** Names what the tool touches: an id or a slug path. */
  readonly resource: (args: ToolArguments) => unknown;
  /** For lists and creation: the scope has to hold on something under the resource. */
  readonly below?: boolean;
}

/** Whether a tool may run. */
export type ToolVerdict =
  | { readonly outcome: 'granted'; readonly resource: AnsweredResource }
  | { readonly outcome: 'dead' }
  /** The client can ask its user for these scopes. */
  | { readonly outcome: 'consent'; readonly scopes: readonly string[] }
  /** For the agent to say to its user. */
  | {
      readonly outcome: 'told';
      readonly message: string;
      readonly reason: string;
      /** Of which one would do. */
      readonly roles: readonly string[];
    };

/** Decides on one call. @param presented the token in clear, whose binding was checked. */
export async function checkTool(
  usher: Usher,
  presented: string,
  need: ToolNeed,
  args: ToolArguments,
): Promise<ToolVerdict> {
  const name = need.resource(args);
  if (typeof name !== 'string' || name === '') {
    return refused('no_resource', `Name the ${need.type} that this is about.`);
  }
  const token = await usher.introspect(presented, name, need.scope);
  if (!token.active) return { outcome: 'dead' };
  const resource = token.resource?.type === need.type ? token.resource : undefined;
  if (resource !== undefined && holds(token, need)) return { outcome: 'granted', resource };
  if (need.below === true && resource !== undefined) {
    return refused(
      'nothing_below',
      `Nothing in ${resource.path} is open to you for ${need.scope}.`,
    );
  }
  const decision = await usher.decide(presented, need.scope, {
    type: need.type,
    identifier: name,
    path: name,
  });
  return explained(decision, need, resource?.path ?? name, () => wanted(usher, presented, need));
}

/** @returns the names of the tools that the token may call on something now. */
export async function usableTools(
  usher: Usher,
  presented: string,
  tools: Readonly<Record<string, ToolNeed>>,
): Promise<ReadonlySet<string>> {
  const held = new Set(await scopesAnywhere(usher, presented));
  const usable = Object.entries(tools).filter(([, { scope }]) => held.has(scope));
  return new Set(usable.map(([name]) => name));
}

function holds({ scope = '', below = [] }: LiveToken, need: ToolNeed): boolean {
  return (need.below === true ? below : scope.split(' ')).includes(need.scope);
}

async function scopesAnywhere(usher: Usher, presented: string): Promise<readonly string[]> {
  const token = await usher.overview(presented);
  return token.active ? (token.scope ?? '').split(' ').filter((word) => word.includes(':')) : [];
}

/** The new token is to do what the old one does, and this. */
async function wanted(usher: Usher, presented: string, { scope }: ToolNeed) {
  return [...new Set([...(await scopesAnywhere(usher, presented)), scope])];
}

async function explained(
  decision: Decision,
  { scope, type }: ToolNeed,
  path: string,
  scopes: () => Promise<readonly string[]>,
): Promise<ToolVerdict> {
  if (decision.permitted) return refused('changed', 'This has just changed; try again.');
  const { reason = 'not_in_grant', roles } = decision;
  if (reason === 'token_inactive' || reason === 'application_suspended') return { outcome: 'dead' };
  if (decision.scope !== undefined) return { outcome: 'consent', scopes: await scopes() };
  const words: Readonly<Record<string, string>> = {
    role_insufficient:
      roles.length > 0
        ? `Your role on ${path} does not allow this. It takes ${oneOf(roles)}, which an administrator of the organization can give you.`
        : `You have no role on ${path}. An administrator of the organization can give you one.`,
    production_excluded: `${path} is a production branch, which this application is kept out of. An administrator of the organization can approve it for production, where the permission allows that.`,
    organization_policy: `The organization of ${path} has not approved this application for ${scope}. One of its administrators can approve it.`,
    resource_unknown: `There is no ${type} ${path} that this application can see for you.`,
  };
  return refused(reason, words[reason] ?? `This is not allowed on ${path} now.`, roles);
}

function refused(reason: string, message: string, roles: readonly string[] = []): ToolVerdict {
  return { outcome: 'told', message, reason, roles };
}

function oneOf(roles: readonly string[]): string {
  return roles.length === 1 ? `the role ${roles[0]}` : `one of the roles ${roles.join(', ')}`;
}
