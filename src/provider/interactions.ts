/**
 * An authorization request that waits for its user: what the pages may know of it, and how it goes on.
 *
 * The request is read from the store by its uid and by the cookie of
 * this browser; nothing of it is taken from a form. It is answered once: whoever answers it again, in this
 * browser, is sent on with the first answer.
 *
 * @module
 */

import type Koa from 'koa';
import type { InteractionResults } from 'oidc-provider';
import type { Authentication } from '../accounts/authentication.ts';
import { type Preselection, PreselectionError, readPreselection } from '../consent/preselection.ts';
import { type BrowserIdentity, browserIdentity } from '../lib/browser-identity.ts';
import { parseId, printId } from '../lib/ids.ts';
import { sha256 } from '../lib/secrets.ts';
import { keepUiLocales } from '../lib/ui-locales.ts';
import type { RegisteredResource } from '../storage/clients/resource-servers.ts';
import type { Database, Db } from '../storage/engine/database.ts';
import type { Account } from '../storage/people/accounts.ts';
import {
  answerInteraction,
  findInteraction,
  type InteractionKey,
  isInteractionAnswered,
  lockInteraction,
  type StoredInteraction,
} from '../storage/tokens/interactions.ts';
import { withoutForm } from './form-chains.ts';
import { choiceIn, type KeptChoice, withChoice } from './kept-choice.ts';
import { interactionOf } from './library-internals.ts';
import { asSent } from './preselection-parameters.ts';
import { findResource } from './resource-parameter.ts';
import { stepUpOf } from './step-up.ts';

/** What an application asks for, as it is stored. */
export interface AuthorizationRequest {
  readonly uid: string;
  /** What has to be done next. */
  readonly prompt: 'login' | 'select_account' | 'consent';
  readonly clientId: string;
  /** Expanded and canonical; OpenID's scopes may be in it. */
  readonly scope: string;
  readonly redirectUri: string;
  /** The account that is signed in (UUID), while its session lives. */
  readonly accountId: string | undefined;
  /** The account in whose session the request waits (UUID), whether or not that lives. */
  readonly waitsFor?: string | undefined;
  /** What was chosen before that session, or one before it, ended. */
  readonly keptChoice?: KeptChoice | undefined;
  readonly loginHint: string | undefined;
  /** The classes of sign-in that the application would like (`acr_values`), as it sent them. */
  readonly acrValues?: string | undefined;
  /** What the application would like the user to choose. */
  readonly preselection?: Preselection | undefined;
  /** The resource server that the token is for; null where it is not registered any more. */
  readonly resource?:
    | Pick<RegisteredResource, 'audience' | 'name' | 'addressed'>
    | null
    | undefined;
  /** Why somebody who is signed in is asked to sign in, where that needs words. */
  readonly stepUp?: 'class' | 'age' | undefined;
  /** Whether the application wants its user to be asked, whatever was decided before (`prompt=consent`). */
  readonly isReview?: boolean | undefined;
  /** Whether an older sign-in does not do: `prompt=login` or `max_age` (OpenID Connect Core 3.1.2.1). */
  readonly isFreshSignInAsked: boolean;
}

/** What the pages can do with the request. Each step gives the address to go on to (303). */
export interface Interactions {
  /**
   * Pages of this HTTP request are then in the language that the application asks for.
   *
   * @returns undefined when it is unknown, expired, over, or another browser's.
   */
  read(ctx: Koa.Context): Promise<AuthorizationRequest | undefined>;
  /** As `read` and `signedIn`, for a page of another address: the interaction is named. */
  named(uid: string): Pick<Interactions, 'read' | 'signedIn'>;
  /** @returns where a second answer goes on to; undefined while there is no first. */
  answered(ctx: Koa.Context): Promise<string | undefined>;
  /** The account has proven that it sits there, in the epoch that it was read in. */
  signedIn(
    ctx: Koa.Context,
    account: Pick<Account, 'id' | 'signInEpoch'>,
    by: Authentication,
  ): Promise<string>;
  /** Goes on with the account that is signed in. */
  selected(ctx: Koa.Context): Promise<string>;
  /**
   * Inside the transaction that records the consent.
   *
   * @returns whether this is the first answer, in a session that lives: else record nothing.
   */
  consented(tx: Db, ctx: Koa.Context): Promise<boolean>;
  /** Begins anew with whoever is signed in now, or signs in: no page counts that was answered before. */
  restarted(ctx: Koa.Context, choice: KeptChoice | undefined): Promise<string>;
  /** Ends the request with `access_denied`, or what `error` says. */
  refused(ctx: Koa.Context, description: string, error?: string): Promise<string>;
  /** Where the request goes on once it is answered. */
  resumeAt(ctx: Koa.Context): string;
}

/** The interactions of a provider, for pages at `/interaction/:uid`. */
export function createInteractions(database: Database, issuer: string): Interactions {
  const browsers = browserIdentity(issuer);
  return interactionsAt(database, issuer, browsers, uidOf);
}

function interactionsAt(
  database: Database,
  issuer: string,
  browsers: BrowserIdentity,
  uidOf: (ctx: Koa.Context) => string,
): Interactions {
  const keyFor = (ctx: Koa.Context): InteractionKey => ({
    id: sha256(uidOf(ctx)),
    browser: sha256(browsers.read(ctx) ?? ''),
  });
  const resumeAt = (ctx: Koa.Context) => `${issuer}/oauth/authorize/${uidOf(ctx)}`;
  const answer = async (ctx: Koa.Context, result: InteractionResults, isOfSession: boolean) => {
    const ending = { ...result, [withoutForm]: ctx.method !== 'POST' };
    await answerInteraction(database, keyFor(ctx), ending, isOfSession);
    return resumeAt(ctx);
  };
  const isLive = async (ctx: Koa.Context) =>
    (await findInteraction(database, keyFor(ctx)))?.isSessionLive === true;
  return {
    resumeAt,
    named: (uid) => interactionsAt(database, issuer, browsers, () => uid),
    async read(ctx) {
      const found = await findInteraction(database, keyFor(ctx));
      return found && readRequest(ctx, uidOf(ctx), found, database, issuer);
    },
    async answered(ctx) {
      return (await isInteractionAnswered(database, keyFor(ctx))) ? resumeAt(ctx) : undefined;
    },
    async signedIn(ctx, account, by) {
      const kept = choiceOf(await findInteraction(database, keyFor(ctx)));
      return answer(ctx, { ...loginOf(account, by), ...withChoice(kept) }, false);
    },
    restarted: async (ctx, choice) => answer(ctx, withChoice(choice), await isLive(ctx)),
    async selected(ctx) {
      const interaction = await findInteraction(database, keyFor(ctx));
      const before = interaction?.payload['lastSubmission'] ?? {};
      return answer(ctx, { ...before, select_account: {} }, true);
    },
    refused: async (ctx, error_description, error = 'access_denied') =>
      answer(ctx, { error, error_description }, await isLive(ctx)),
    async consented(tx, ctx) {
      const interaction = await lockInteraction(tx, keyFor(ctx));
      if (!interaction?.isSessionLive) return false;
      const before = interaction.payload['lastSubmission'] ?? {};
      const result = { ...before, consent: {}, [withoutForm]: ctx.method !== 'POST' };
      return answerInteraction(tx, keyFor(ctx), result, true);
    },
  };
}

async function readRequest(
  ctx: Koa.Context,
  uid: string,
  found: StoredInteraction,
  db: Db,
  issuer: string,
): Promise<AuthorizationRequest> {
  keepUiLocales(ctx, interactionOf(found.payload).params?.['ui_locales']);
  return { ...toRequest(uid, found), resource: await resourceOf(db, issuer, found) };
}

/** Who signs in has chosen an account, too. */
function loginOf({ id, signInEpoch }: Pick<Account, 'id' | 'signInEpoch'>, by: Authentication) {
  const { acr, amr } = by;
  const accountId = printId('user', id);
  const login = { accountId, ts: now(), epoch: signInEpoch, acr, amr: [...amr] };
  return { login, select_account: {} };
}

async function resourceOf(db: Db, issuer: string, { payload }: StoredInteraction) {
  const resource = interactionOf(payload).params?.['resource'];
  if (typeof resource !== 'string') return undefined;
  return (await findResource(db, issuer, resource)) ?? null;
}

function choiceOf(interaction: StoredInteraction | undefined): KeptChoice | undefined {
  return choiceIn(interactionOf(interaction?.payload ?? {}).lastSubmission);
}

function uidOf({ path }: Koa.Context): string {
  return path.split('/')[2] ?? '';
}

function isPrompt(name: string): name is AuthorizationRequest['prompt'] {
  return ['login', 'select_account', 'consent'].includes(name);
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}

function toRequest(uid: string, interaction: StoredInteraction): AuthorizationRequest {
  const { payload, isSessionLive } = interaction;
  const { params = {}, prompt, session } = interactionOf(payload);
  const text = (name: string) => {
    const value = params[name];
    return typeof value === 'string' ? value : undefined;
  };
  const waitsFor = parseId('user', session?.accountId ?? '');
  return {
    uid,
    prompt: prompt !== undefined && isPrompt(prompt.name) ? prompt.name : 'login',
    clientId: text('client_id') ?? '',
    scope: text('scope') ?? '',
    redirectUri: text('redirect_uri') ?? '',
    accountId: isSessionLive ? waitsFor : undefined,
    waitsFor,
    keptChoice: choiceOf(interaction),
    loginHint: text('login_hint'),
    acrValues: text('acr_values'),
    preselection: preselectionOf(params),
    stepUp: stepUpOf(prompt?.reasons ?? []),
    isReview: text('prompt')?.split(' ').includes('consent') === true,
    isFreshSignInAsked:
      params['max_age'] !== undefined || (text('prompt') ?? '').split(' ').includes('login'),
  };
}

/** It was checked when the request came; under another catalogue since then, nothing is wished. */
function preselectionOf(params: Readonly<Record<string, unknown>>): Preselection | undefined {
  try {
    return readPreselection(asSent(params));
  } catch (error) {
    if (error instanceof PreselectionError) return undefined;
    throw error;
  }
}
