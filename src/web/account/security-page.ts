/**
 * How the account is signed in to: its passkeys and its password.
 *
 *   GET  /account/security                        what there is
 *   GET  /account/security/passkeys/options       what the page's script asks the browser to make
 *   POST /account/security/passkeys               adds a passkey
 *   POST /account/security/passkeys/:id/name      renames it
 *   POST /account/security/passkeys/:id/remove    removes it, unless nothing else is left
 *   POST /account/security/password               sets the first password
 *   POST /account/security/password/remove        removes the password, unless nothing else is left
 *
 * Changes need a sign-in of the last minutes, by a passkey where the account has one.
 *
 * @module
 */

import type Router from '@koa/router';
import type Koa from 'koa';
import {
  addPasskey,
  changePasskeyName,
  registrationOptions,
} from '../../accounts/passkeys/registration.ts';
import {
  type RemovalResult,
  removePasskey,
  removePassword,
} from '../../accounts/passkeys/remove.ts';
import type { PasskeyParts } from '../../accounts/passkeys/sign-in.ts';
import { setFirstPassword } from '../../accounts/set-first-password.ts';
import { browserIdentity } from '../../lib/browser-identity.ts';
import { deviceText } from '../../lib/device-text.ts';
import { isUuid } from '../../lib/ids.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import { listProviders } from '../../storage/people/identity-providers.ts';
import { listPasskeys, type Passkey } from '../../storage/people/passkeys.ts';
import { readWaysIn } from '../../storage/people/ways-in.ts';
import { answerOnce } from '../page/answer-once.ts';
import {
  hasProvingPasskey,
  type ProofParts,
  proofPath,
  provenOrSignInAgain,
} from '../page/fresh-sign-in.ts';
import {
  accountOfForm,
  accountOrSignIn,
  currentAccount,
  type Sender,
  type SignedIn,
  seeOther,
} from '../page/page-parts.ts';
import { readForm } from '../page/read-form.ts';
import { registrationRefusals } from '../sign-in/passkey-texts.ts';
import { passwordFaults, waitText } from '../sign-in/password-texts.ts';

/** What the page needs beside the rest. */
export interface SecurityParts extends ProofParts {
  /** Undefined: browsers make none for this issuer. */
  readonly passkeys: PasskeyParts | undefined;
  /** Without them, people sign in elsewhere. */
  readonly hasPasswords: boolean;
}

/** The routes of `/account/security`. */
export function securityRoutes(parts: SecurityParts): Router {
  return strictRouter()
    .get(page, (ctx) => open(parts, ctx))
    .get(`${page}/passkeys/options`, (ctx) => sendOptions(parts, ctx))
    .post(`${page}/passkeys`, (ctx) => take(parts, ctx, add))
    .post(`${page}/passkeys/:id/name`, (ctx) => take(parts, ctx, rename))
    .post(`${page}/passkeys/:id/remove`, (ctx) => take(parts, ctx, remove))
    .post(`${page}/password`, (ctx) => take(parts, ctx, setPassword))
    .post(`${page}/password/remove`, (ctx) => take(parts, ctx, dropPassword));
}

const page = '/account/security';
const purpose = 'security';

/** The message after a form, by key; the address names it, so it is one of these. */
const done: Readonly<Record<string, string>> = {
  added: 'security.done-added',
  renamed: 'security.done-renamed',
  removed: 'security.done-removed',
  'password-removed': 'security.done-password-removed',
  'password-set': 'security.done-password-set',
};

/** What was wrong: of the whole page, or of a field. */
interface Shown {
  readonly error?: string;
  readonly errors?: Partial<Record<'new' | 'repeated', string>>;
}

async function open(parts: SecurityParts, ctx: Koa.Context): Promise<void> {
  const signedIn = await accountOrSignIn(parts, ctx);
  if (signedIn) await show(parts, ctx, signedIn);
}

async function show(
  parts: SecurityParts,
  ctx: Koa.Context,
  signedIn: SignedIn,
  { error, errors = {} }: Shown = {},
): Promise<void> {
  const { db, formTokens, hasPasswords, messagesOf, passkeys, renderPage } = parts;
  const { account } = signedIn;
  const confirmPath = await proofPath(parts, signedIn, page);
  const ways = await readWaysIn(db, account.id, passkeys?.party.id);
  const t = messagesOf(ctx);
  const doneKey = done[ctx.URL.searchParams.get('done') ?? ''];
  renderPage(ctx, 'account/security', {
    title: t.text('security.title'),
    isRefused: error !== undefined || Object.keys(errors).length > 0,
    account,
    canChange: confirmPath === undefined,
    confirmPath,
    isPasskeyNeeded: await hasProvingPasskey(parts, signedIn),
    hasPasskeys: passkeys !== undefined,
    hasPassword: ways.hasPassword,
    hasConnections: ways.identities > 0 || (await listProviders(db)).length > 0,
    hasPasswords,
    canRemovePassword: ways.passkeys + ways.identities > 0,
    passkeys: (await listPasskeys(db, account.id)).map((one) => toView(one, passkeys?.party.id)),
    token: formTokens.issue(ctx, { purpose, accountId: account.id }),
    error,
    errors,
    done: doneKey && t.text(doneKey),
  });
}

function toView({ id, name, createdAt, lastUsedAt, relyingParty }: Passkey, here?: string) {
  return {
    id,
    name,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString(),
    elsewhere: relyingParty === here ? undefined : relyingParty,
  };
}

/** For the page's script, which shows the page anew when it is refused. */
async function sendOptions(parts: SecurityParts, ctx: Koa.Context): Promise<void> {
  const { db, issuer, passkeys } = parts;
  const signedIn = await currentAccount(parts, ctx);
  ctx.set('Cache-Control', 'no-store');
  ctx.status = 403;
  ctx.body = {};
  if (passkeys === undefined || signedIn === undefined) return;
  if ((await proofPath(parts, signedIn, page)) !== undefined) return;
  const browserId = browserIdentity(issuer).ensure(ctx);
  const { account } = signedIn;
  ctx.status = 200;
  ctx.body = await registrationOptions(passkeys, db, { account, browserId });
}

/** A form that was sent from the page by somebody who signed in just now. */
interface Sent {
  readonly parts: SecurityParts;
  readonly ctx: Koa.Context;
  readonly sender: Sender;
  readonly fields: URLSearchParams;
}

async function take(
  parts: SecurityParts,
  ctx: Koa.Context,
  work: (sent: Sent) => Promise<void>,
): Promise<void> {
  const fields = await readForm(ctx);
  const sender = await accountOfForm(parts, ctx);
  parts.formTokens.check(ctx, { purpose, accountId: sender.account.id }, fields.get('token'));
  if (!(await provenOrSignInAgain(parts, ctx, sender, page))) return;
  await answerOnce(parts, ctx, fields, () => work({ parts, ctx, sender, fields }));
}

async function add({ parts, ctx, sender, fields }: Sent): Promise<void> {
  const t = parts.messagesOf(ctx);
  if (parts.passkeys === undefined) return refuse({ parts, ctx, sender }, 'security.passkeys-off');
  const why = await addPasskey({
    ...parts.passkeys,
    work: sender.work,
    accountId: sender.account.id,
    browserId: browserIdentity(parts.issuer).ensure(ctx),
    response: fields.get('credential') ?? '',
    name: deviceText(t, ctx.get('User-Agent')),
    origin: parts.originOf(ctx),
  });
  if (why !== undefined) return refuse({ parts, ctx, sender }, registrationRefusals[why]);
  seeOther(ctx, `${page}?done=added`);
}

async function rename({ parts, ctx, sender, fields }: Sent): Promise<void> {
  const id = idOf(ctx);
  const name = fields.get('name') ?? '';
  const wish = { accountId: sender.account.id, name, origin: parts.originOf(ctx) };
  const why = id === undefined ? 'gone' : await changePasskeyName(sender.work, { ...wish, id });
  if (why === 'gone') return refuse({ parts, ctx, sender }, 'security.gone', 404);
  if (why === 'bad_name') return refuse({ parts, ctx, sender }, 'passkey-form.bad-name');
  seeOther(ctx, `${page}?done=renamed`);
}

async function remove({ parts, ctx, sender }: Sent): Promise<void> {
  const id = idOf(ctx);
  const wish = { ...removalOf({ parts, ctx, sender }), id: id ?? '' };
  const result = id === undefined ? 'gone' : await removePasskey(sender.work, wish);
  await answerRemoval({ parts, ctx, sender }, result, 'removed');
}

async function dropPassword({ parts, ctx, sender }: Sent): Promise<void> {
  const result = await removePassword(sender.work, removalOf({ parts, ctx, sender }));
  await answerRemoval({ parts, ctx, sender }, result, 'password-removed');
}

type By = Pick<Sent, 'parts' | 'ctx' | 'sender'>;

function removalOf({ parts, ctx, sender }: By) {
  const relyingParty = parts.passkeys?.party.id;
  return { accountId: sender.account.id, relyingParty, origin: parts.originOf(ctx) };
}

async function answerRemoval(by: By, result: RemovalResult, doneAs: string): Promise<void> {
  if (result === 'last') return refuse(by, 'security.last', 409);
  if (result === 'gone' && doneAs === 'removed') return refuse(by, 'security.gone', 404);
  seeOther(by.ctx, `${page}?done=${doneAs}`); // a password that is gone is what was wanted
}

async function setPassword({ parts, ctx, sender, fields }: Sent): Promise<void> {
  const t = parts.messagesOf(ctx);
  const password = fields.get('new_password') ?? '';
  if (fields.get('repeated_password') !== password) {
    ctx.status = 422;
    const errors = { repeated: t.text('security.password-different') };
    return show(parts, ctx, sender, { errors });
  }
  const { work, account } = sender;
  const wish = { work, accountId: account.id, password, origin: parts.originOf(ctx) };
  const result = await setFirstPassword(wish);
  if (result.outcome === 'set') return seeOther(ctx, `${page}?done=password-set`);
  if (result.outcome === 'throttled') {
    ctx.status = 429;
    ctx.set('Retry-After', String(result.retryAfterSeconds));
    return show(parts, ctx, sender, { error: waitText(t, result.retryAfterSeconds) });
  }
  const { why } = result;
  if (why === 'has_password')
    return refuse({ parts, ctx, sender }, 'security.password-exists', 409);
  ctx.status = 422;
  return show(parts, ctx, sender, { errors: { new: t.text(passwordFaults[why]) } });
}

function refuse({ parts, ctx, sender }: By, key: string, status = 422): Promise<void> {
  ctx.status = status;
  const { host } = new URL(parts.issuer);
  return show(parts, ctx, sender, { error: parts.messagesOf(ctx).text(key, { host }) });
}

/** The passkey of the address; undefined for what is no id. */
function idOf(ctx: Koa.Context): string | undefined {
  const { id = '' } = (ctx as Koa.Context & { params: Record<string, string> }).params;
  return isUuid(id) ? id : undefined;
}
