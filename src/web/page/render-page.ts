/**
 * Turns a view and its values into a page: the EJS files of `views/`, each compiled once, inside
 * one layout. A view names what it shows (`<%= name %>`, escaped unless it is `Markup`); an optional
 * value is written `locals.name`, since a missing name is an error and not an empty string.
 *
 * A view puts its page together from the parts of `views/parts/`, which describe themselves:
 * `<%= part('notice', { kind: 'good', text: t.text('account.done-password') }) %>`. A part gives
 * markup, so it can be a value of another part.
 *
 * @module
 */

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ejs from 'ejs';
import type Koa from 'koa';
import { brand } from '../../catalogue/catalogue.ts';
import { Markup, toHtml } from '../../lib/markup.ts';
import type { MessageBook, Messages } from '../../lib/messages.ts';
import { mapWithPauses } from '../../lib/pauses.ts';
import { lookUpLocale, uiLocalesOf } from '../../lib/ui-locales.ts';
import { wholeMessages } from '../../lib/whole-messages.ts';
import { icon } from './brand-routes.ts';
import { takeDone } from './done-notice.ts';
import { filledId, fillForm } from './fill-form.ts';
import type { FormToFill } from './kept-form.ts';
import { logoAddress } from './logo-address.ts';
import { markFor, pageBody } from './long-pages.ts';

/** The account shown in the header of a page. */
interface ShownAccount {
  readonly name: string;
  readonly email: string;
}

/** What every view gets, beside its own values. */
interface PageLocals {
  /** The title of the page, without the product's name. */
  readonly title: string;
  /** Who is signed in; leave out when nobody is, or when it is not known. */
  readonly account?: ShownAccount | undefined;
  /** Whether a form is shown again because it was refused; then the title says so first. */
  readonly isRefused?: boolean;
  /** What was typed before a session ended, see kept-form.ts; it is filled in again. */
  readonly keptForm?: FormToFill | undefined;
  readonly [name: string]: unknown;
}

/** Answers with the page of a view; the status stays as the caller set it. */
export interface RenderPage {
  (ctx: Koa.Context, view: string, locals: PageLocals): void;
  /** Makes many pieces of one view, a value of a page that may be long, see long-pages.ts. */
  pieces(ctx: Koa.Context, view: string, locals: readonly object[]): Promise<Markup>;
  /** Answers with the view alone, for a script of ours that puts it into a page. */
  fragment(ctx: Koa.Context, view: string, locals: object): void;
}

const directory = join(import.meta.dirname, '../../../views');

/**
 * Compiles every view.
 *
 * @throws a view that does not compile, at the start and not at the first visitor.
 */
export function createRenderer({ issuer, messagesOf, consoleUrl }: RendererParts): RenderPage {
  const views = compileViews();

  /** What every view of a page has. */
  const commonOf = (ctx: Koa.Context) => {
    const t = messagesOf(ctx);
    const console = consoleUrl ?? consolePath;
    const host = new URL(issuer).host;
    const isForOperator = ctx.state[ofOperator] === true;
    const site = { issuer, host, path: ctx.path, brand, icon, console, isForOperator };
    const common = { t, site, part, logoAddress };
    function part(name: string, values: object = {}): Markup {
      return new Markup(find(views, `parts/${name}`)({ ...values, ...common }));
    }
    return common;
  };
  /** Once more where a text was lacking, and sets the headers of the language. */
  const inOneLanguage = (ctx: Koa.Context, render: (common: object) => string): string => {
    const common = commonOf(ctx);
    const { locale } = common.t;
    let made = render(common);
    if (common.t.locale !== locale) made = render(common);
    ctx.set({ 'Cache-Control': 'no-store', 'Content-Language': common.t.locale });
    ctx.vary('Accept-Language');
    return made;
  };
  const renderPage = (ctx: Koa.Context, view: string, locals: PageLocals) => {
    const doneBefore = locals.account && takeDone(issuer, ctx);
    const page = inOneLanguage(ctx, (common) => {
      const made = find(views, view)({ ...locals, ...common });
      const filled = locals.keptForm && fillForm(made, locals.keptForm);
      const isFilled = filled !== undefined;
      const rest = { body: new Markup(filled ?? made), isFilled, filledId, doneBefore };
      const ways = locals.account && surroundingsOf(ctx);
      return find(views, 'layout')({ ...ways, ...locals, ...common, ...rest });
    });
    answer(ctx, page);
  };
  const pieces: RenderPage['pieces'] = async (ctx, view, each) => {
    const common = commonOf(ctx);
    const template = find(views, view);
    return markFor(ctx, await mapWithPauses(each, (locals) => template({ ...locals, ...common })));
  };
  const fragment: RenderPage['fragment'] = (ctx, view, locals) => {
    const piece = inOneLanguage(ctx, (common) => find(views, view)({ ...locals, ...common }));
    answer(ctx, piece);
  };
  return Object.assign(renderPage, { pieces, fragment });
}

function answer(ctx: Koa.Context, html: string): void {
  ctx.body = pageBody(ctx, html);
  ctx.type = 'html'; // a stream would be of unknown type
}

/** The texts in the reader's language; `t` in every view. */
export interface MessagesOf {
  (ctx: Koa.Context): Messages;
  /** For programs, whose makers read the default language. */
  readonly byDefault: Messages;
}

interface RendererParts {
  readonly issuer: string;
  readonly messagesOf: MessagesOf;
  /** The platform's own console; undefined: ours. */
  readonly consoleUrl?: string | undefined;
}

/** Where a person's organizations are, if the platform has no console of its own. */
const consolePath = '/organizations';

const ofOperator = 'isForOperator';

/** The pages that answer this request lead to those of operators. */
export function showToOperator(ctx: Koa.Context): void {
  ctx.state[ofOperator] = true;
}

/** The ways that a page has around it. */
export interface Surroundings {
  /** Who is signed in. */
  readonly account: ShownAccount;
  /** The bar of an organization, as parts/console-bar.ejs wants it, made when it is needed. */
  readonly console?: () => object;
}

/** Gives the pages that answer a request the bar of an organization, if the person is in it. */
export type AroundOrganization = (
  ctx: Koa.Context,
  account: ShownAccount & { readonly id: string },
  slug: string,
) => Promise<void>;

const around = 'surroundings';

/** The pages that answer this request have these ways around them, errors as well. */
export function keepSurroundings(ctx: Koa.Context, surroundings: Surroundings): void {
  ctx.state[around] = surroundings;
}

/** @returns what an error page has around it; nothing where nobody is known to be signed in. */
export function surroundingsOf(ctx: Koa.Context): { account?: ShownAccount; console?: object } {
  const kept: Surroundings | undefined = ctx.state[around];
  if (kept === undefined) return {};
  const { account, console: bar } = kept;
  return bar === undefined ? { account } : { account, console: bar() };
}

const ofRequest = 'messages';

/**
 * The language that the application asks for, else the one of `Accept-Language`; the default one where
 * none of ours is wanted, or where the page has a text that the language lacks: see whole-messages.ts.
 */
export function messagesByLanguage(book: MessageBook): MessagesOf {
  const chosen = (ctx: Koa.Context) =>
    lookUpLocale(uiLocalesOf(ctx), book.locales) ??
    (ctx.acceptsLanguages([...book.locales]) || undefined);
  const byReader = (ctx: Koa.Context): Messages => {
    const locale = chosen(ctx); // asked each time: the authorization request may be read late
    const known: { locale?: string | undefined; t: Messages } | undefined = ctx.state[ofRequest];
    if (known !== undefined && known.locale === locale) return known.t;
    const t = wholeMessages(book, locale);
    ctx.state[ofRequest] = { locale, t };
    return t;
  };
  return Object.assign(byReader, { byDefault: book.in(undefined) });
}

function compileViews(): ReadonlyMap<string, ejs.TemplateFunction> {
  const files = globSync(['*.ejs', '*/*.ejs'], { cwd: directory });
  return new Map(files.map((file) => [file.slice(0, -'.ejs'.length), compile(file)]));
}

function compile(file: string): ejs.TemplateFunction {
  const filename = join(directory, file);
  return ejs.compile(readFileSync(filename, 'utf8'), { filename, cache: true, escape: toHtml });
}

function find(views: ReadonlyMap<string, ejs.TemplateFunction>, view: string) {
  const template = views.get(view);
  if (template === undefined) throw new Error(`there is no view "${view}"`);
  return template;
}
