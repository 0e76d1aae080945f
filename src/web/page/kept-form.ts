/**
 * A form that was sent after its session had ended: what was typed goes along to the sign-in and back,
 * sealed into the address, and the form is filled in again on the page that it is on.
 *
 *   POST, nobody signed in -> sign in -> the page, its form filled in: nothing is sent by itself
 *
 * The form's own token, which is kept with it, says for which account and in which browser it was shown:
 * nobody else gets what was typed. No password or secret is ever kept.
 *
 * @module
 */

import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type Koa from 'koa';
import { WrongKeyError } from '../../lib/errors.ts';
import { open, seal } from '../../lib/key-wrapping.ts';
import { PageError } from './page-error.ts';

/** What was typed, and where it was sent. */
export interface KeptForm {
  /** The form's address, or what it begins with left out. */
  readonly path: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** So long an address may become: servers and proxies read 8 KB of one, and it is encoded twice. */
const mostSealed = 6_000;
const mostBytes = 32 * 1024;
const keptMs = 60 * 60 * 1000;
const context = 'kept form';

/** Fields that are never kept. */
const secretNames = /password|secret|key|code|current|repeated/i;

/** @returns what goes into an address; undefined where it is too long for one, or holds a secret. */
export function sealForm(key: Buffer, { path, fields }: KeptForm): string | undefined {
  if (fields.some(([name]) => secretNames.test(name))) return undefined;
  const bytes = Buffer.from(JSON.stringify({ path, fields, at: Date.now() }));
  if (bytes.length > mostBytes) return undefined;
  const sealed = seal(key, deflateRawSync(bytes), context).toString('base64url');
  return sealed.length > mostSealed ? undefined : sealed;
}

/** @returns undefined: there is none, it is older than an hour, or it was not sealed by us. */
export function openForm(key: Buffer, sealed: string | null): KeptForm | undefined {
  if (sealed === null || sealed.length > mostSealed) return undefined;
  try {
    const bytes = open(key, Buffer.from(sealed, 'base64url'), context);
    const { at, ...kept } = JSON.parse(
      inflateRawSync(bytes, { maxOutputLength: 2 * mostBytes }).toString(),
    ) as KeptForm & { readonly at: number };
    return Date.now() - at < keptMs ? kept : undefined;
  } catch (error) {
    if (error instanceof WrongKeyError) return undefined;
    throw error;
  }
}

/** The name of the parameter of an address that holds a sealed form. */
export const keptParameter = 'kept';

/** A form that is to be filled in again, for the view of the page that it is on. */
export interface FormToFill {
  readonly action: string;
  /** A new one, where the form is not on the page and is sent from a notice. */
  readonly token: string;
  readonly fields: KeptForm['fields'];
}

/** What a kept form is read with. */
interface Reading {
  readonly key: Buffer;
  /** @throws {PageError} the token is not that of a form at this address, shown to whoever is signed in now. */
  readonly check: (path: string, token: string | null) => void;
  /** Where the form is sent to, and a new token. */
  readonly form: (path: string) => { readonly action: string; readonly token: string };
}

/** @returns the form that came along to a page; undefined where there is none of this person's. */
export function readKeptForm(
  ctx: Koa.Context,
  { key, check, form }: Reading,
): FormToFill | undefined {
  const kept = openForm(key, ctx.URL.searchParams.get(keptParameter));
  if (kept === undefined) return undefined;
  try {
    check(kept.path, kept.fields.find(([name]) => name === 'token')?.[1] ?? null);
  } catch (error) {
    if (error instanceof PageError) return undefined;
    throw error;
  }
  return { ...form(kept.path), fields: kept.fields.filter(([name]) => name !== 'token') };
}
