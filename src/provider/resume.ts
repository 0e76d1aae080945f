/**
 * An authorization request goes on after its user has answered: once, and all of it or nothing.
 *
 *   hold the account -> lock the interaction -> the library: session, grant, code
 *   -> keep the answer, sealed -> commit
 *
 * Whoever comes a second time (a double click, another tab, a retry after a lost answer) waits for
 * the first, and gets the same answer with the same cookies, for a minute, in this browser alone: the
 * answer is sealed under the interaction's uid and the browser's id, of which only hashes are kept.
 *
 * Source: RFC 6749 section 10.12, RFC 9700 section 4.7; NIST SP 800-56C section 4 (one-step key
 * derivation from secrets of full strength).
 *
 * @module
 */

import type { KoaContextWithOIDC } from 'oidc-provider';
import { databaseUnavailable, errorBody } from '../http/oauth-error.ts';
import { browserIdentity } from '../lib/browser-identity.ts';
import { DatabaseUnavailableError } from '../lib/errors.ts';
import { parseId } from '../lib/ids.ts';
import { open, seal } from '../lib/key-wrapping.ts';
import { sha256 } from '../lib/secrets.ts';
import type { Database, Db } from '../storage/engine/database.ts';
import {
  deleteOtherAccountsSession,
  endOldestSessions,
  holdAccount,
  holdForSignIn,
} from '../storage/people/sessions.ts';
import {
  findFinalAnswer,
  findInteraction,
  type InteractionKey,
  keepFinalAnswer,
  lockInteraction,
  type StoredInteraction,
} from '../storage/tokens/interactions.ts';
import { deleteRecord } from '../storage/tokens/provider-records.ts';
import type { ProviderSettings } from './configuration.ts';
import { interactionOf } from './library-internals.ts';
import { type Ending, inRequestTransaction } from './request-transaction.ts';
import { cookieLines, setCookieLines } from './session-cookies.ts';

/** As long as the code lives that is in it. */
const keptSeconds = 60;

/** The library's next middleware. */
type Next = () => Promise<void>;

/** An interaction that is being resumed, in the browser that it belongs to. */
interface Resumed extends InteractionKey {
  readonly uid: string;
  readonly browserId: string;
}

/** @returns the middleware around the library's resume of an interaction. */
export function resumeOnce(
  database: Database,
  { issuer, sessionCookie, renderError }: ResumeSettings,
) {
  const browsers = browserIdentity(issuer);
  return async (ctx: KoaContextWithOIDC, next: Next): Promise<void> => {
    const uid = /^\/oauth\/authorize\/([^/]+)$/.exec(ctx.path)?.[1];
    const browserId = browsers.read(ctx);
    if (uid === undefined || browserId === undefined) return next();
    const resumed = { uid, browserId, id: sha256(uid), browser: sha256(browserId) };

    const before = cookieLines(ctx);
    const ending = await inRequestTransaction(database, (tx) =>
      resume(tx, ctx, next, { ...resumed, sessionId: ctx.cookies.get(sessionCookie) }),
    ).catch(away);
    if (ending === 'commit') return;
    setCookieLines(ctx, before); // what they name was not stored
    if (ending === 'again') startAgain(ctx);
    if (ending instanceof DatabaseUnavailableError) await answerAway(ctx, renderError, ending);
  };
}

function away(error: unknown): DatabaseUnavailableError {
  if (error instanceof DatabaseUnavailableError) return error;
  throw error;
}

/** Whether it was stored is unknown; if it was, the browser's next try gets the answer. */
async function answerAway(
  ctx: KoaContextWithOIDC,
  renderError: ResumeSettings['renderError'],
  cause: Error,
): Promise<void> {
  ctx.remove('Location');
  ctx.status = databaseUnavailable.status;
  await renderError(ctx, errorBody(databaseUnavailable), cause);
}

/** What the middleware has to know of the provider. */
interface ResumeSettings {
  readonly issuer: string;
  /** The name of the library's session cookie. */
  readonly sessionCookie: string;
  readonly renderError: ProviderSettings['renderError'];
}

async function resume(
  tx: Db,
  ctx: KoaContextWithOIDC,
  next: Next,
  resumed: Resumed & { readonly sessionId: string | undefined },
): Promise<Ending> {
  const before = loginOf(await findInteraction(tx, resumed));
  const mayGoOn = await hold(tx, before);
  const interaction = await lockInteraction(tx, resumed);
  if (interaction === undefined) {
    const sealed = await findFinalAnswer(tx, resumed);
    if (sealed) repeat(ctx, resumed, sealed);
    else await next(); // which has words for it
    return 'commit';
  }
  if (loginOf(interaction).epoch !== before.epoch) return 'again'; // it was answered just now
  if (!mayGoOn) await deleteRecord(tx, { kind: 'Interaction', id: resumed.id });
  else await endOtherSession(tx, resumed, interaction);
  await next();
  if (ctx.status >= 500) return 'rollback';
  if (before.epoch !== undefined) await endOldestSessions(tx, before.accountId ?? '');
  const isOver = (await lockInteraction(tx, resumed)) === undefined;
  if (isOver) await keepFinalAnswer(tx, resumed, sealAnswer(ctx, resumed), keptSeconds);
  return 'commit';
}

/** Whose request it is (UUID), and, where that one signs in by it, the epoch of the proof. */
interface Login {
  readonly accountId: string | undefined;
  readonly epoch: number | undefined;
}

function loginOf(interaction: StoredInteraction | undefined): Login {
  const { result, session } = interactionOf(interaction?.payload ?? {});
  const accountId = parseId('user', result?.login?.accountId ?? session?.accountId ?? '');
  return { accountId, epoch: result?.login?.epoch };
}

/**
 * Holds the account, as whatever else begins, ends or uses its sessions does first.
 *
 * @returns false when somebody signs in and the account is no longer as it was when it was proven.
 */
async function hold(tx: Db, { accountId, epoch }: Login): Promise<boolean> {
  if (accountId === undefined) return true;
  if (epoch !== undefined) return holdForSignIn(tx, { id: accountId, signInEpoch: epoch });
  await holdAccount(tx, accountId);
  return true;
}

/** Somebody signs in where somebody else was signed in, perhaps by another tab: that session ends. */
async function endOtherSession(
  tx: Db,
  { sessionId }: Resumed & { readonly sessionId: string | undefined },
  interaction: StoredInteraction,
): Promise<void> {
  const { accountId, epoch } = loginOf(interaction);
  const isOfSession = interaction.payload['session'] !== undefined;
  if (accountId === undefined || epoch === undefined || isOfSession) return;
  if (sessionId !== undefined) await deleteOtherAccountsSession(tx, sha256(sessionId), accountId);
}

/** An answer as it is kept. */
interface KeptAnswer {
  readonly status: number;
  readonly location: string;
  readonly type: string;
  readonly body: string | undefined;
  readonly cookies: readonly string[];
}

function sealAnswer(ctx: KoaContextWithOIDC, resumed: Resumed): Buffer {
  const { status, body, response } = ctx;
  const answer: KeptAnswer = {
    status,
    location: response.get('Location'),
    type: response.get('Content-Type'),
    body: typeof body === 'string' ? body : undefined,
    cookies: cookieLines(ctx),
  };
  return seal(keyOf(resumed), Buffer.from(JSON.stringify(answer)), context);
}

function repeat(ctx: KoaContextWithOIDC, resumed: Resumed, sealed: Buffer): void {
  const answer: KeptAnswer = JSON.parse(open(keyOf(resumed), sealed, context).toString());
  const { status, location, type, body, cookies } = answer;
  ctx.set('Cache-Control', 'no-store');
  setCookieLines(ctx, cookies);
  if (location) ctx.set('Location', location); // a page has none
  ctx.body = body ?? '';
  ctx.status = status;
  if (type) ctx.type = type;
}

const context = 'answer of an authorization request';

/** Both are random and of full strength, so one hash makes a key of them. */
function keyOf({ uid, browserId }: Resumed): Buffer {
  return sha256(`\0\0\0\x01${uid} ${browserId} usher resumed answer`);
}

/** Nothing was stored, and the request is a GET: the browser may repeat it. */
function startAgain(ctx: KoaContextWithOIDC): void {
  ctx.set('Cache-Control', 'no-store');
  ctx.redirect(ctx.path);
  ctx.status = 303;
}
