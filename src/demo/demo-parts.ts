/**
 * What the demo's pages are made with.
 *
 * @module
 */

import type Koa from 'koa';
import { played } from '../catalogue-files/demo-file.ts';
import { createResourceServer, type ResourceServer } from '../resource-server/resource-server.ts';
import type { PageParts } from '../web/page/page-parts.ts';
import { readForm } from '../web/page/read-form.ts';
import { demoClients } from './demo-data.ts';
import { createSealedCookie, type SealedCookie } from './sealed-cookie.ts';
import {
  type Application,
  type Credentials,
  createApplication,
  createInspector,
  type Flow,
  type Inspector,
} from './usher-by-http.ts';

/** What app.ts gives. */
export interface DemoSettings extends PageParts {
  /** 32 random bytes that all nodes share; the demo derives its own key. */
  readonly key: Buffer;
}

/** The tokens that the application holds for this browser. */
export interface Held {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  /** What the token could do before the last change, see answers.ts. */
  readonly was?: string;
}

/** The demo's own, beside what every page has. */
export interface DemoParts extends PageParts {
  readonly application: Application;
  /** The platform's, which asks about one resource at a time. */
  readonly resourceServer: ResourceServer;
  readonly inspect: Inspector;
  readonly flows: SealedCookie<Flow>;
  readonly held: SealedCookie<Held>;
}

const minute = 60;
const month = 30 * 24 * 60 * minute;

/** Makes the two outsiders with the secrets of the demo data, and their cookies. */
export function createDemoParts(settings: DemoSettings): DemoParts {
  const { key, issuer, ...page } = settings;
  const app = credentialsOf(played.application, issuer);
  const api = credentialsOf(played.resourceServer, issuer);
  const seal = { key, issuer };
  return {
    ...page,
    issuer,
    application: createApplication(issuer, app, `${issuer}/demo/callback`),
    resourceServer: createResourceServer({
      issuer,
      clientId: api.clientId,
      clientSecret: api.secret,
      timeoutMilliseconds: 10_000,
    }),
    inspect: createInspector(issuer, api),
    flows: createSealedCookie(seal, { name: 'usher_demo_flow', seconds: 15 * minute }),
    held: createSealedCookie(seal, { name: 'usher_demo_tokens', seconds: month }),
  };
}

function credentialsOf(clientId: string, issuer: string): Credentials {
  const secret = demoClients(issuer).find(({ id }) => id === clientId)?.secret ?? '';
  return { clientId, secret };
}

const binding = { purpose: 'demo' };

/** @returns the token of the application's forms: they are nobody's in particular. */
export function formToken({ formTokens }: DemoParts, ctx: Koa.Context): string {
  return formTokens.issue(ctx, binding);
}

/**
 * Reads a form of the application.
 *
 * @throws {PageError} as `readForm`, or 403: it is not from a page of ours.
 */
export async function takeForm(
  { formTokens }: DemoParts,
  ctx: Koa.Context,
): Promise<URLSearchParams> {
  const fields = await readForm(ctx);
  formTokens.check(ctx, binding, fields.get('token'));
  return fields;
}

/** Shows enough of a token to tell it from others. */
export function abbreviated(token: string): string {
  return `${token.slice(0, 14)}…`;
}
