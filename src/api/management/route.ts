/**
 * What a row of the management API's tables says. A table reads as the documentation, and is where
 * the documentation comes from: the schemas check requests, type the code and make the OpenAPI
 * document.
 *
 *     route({ id, address, summary, scopes, act, body, status, answer, run, print })
 *
 * @module
 */

import { z } from 'zod';
import { scopesOfRoute } from '../../catalogue/rules.ts';
import type { ScopeName } from '../../catalogue/scopes.ts';
import type { Actor, Way } from '../../organizations/actor.ts';
import type { BranchAct, DatabaseAct, OrganizationAct } from '../../organizations/acts.ts';
import type { ConflictReason } from '../../organizations/refusals.ts';
import type { Db } from '../../storage/engine/database.ts';
import type { Listed, Part } from '../../storage/engine/listed.ts';
import type { Call } from './call.ts';
import { page, pageQuery } from './pages.ts';
import type { IdNames } from './path-parameters.ts';
import type { ListedResource } from './token-decision.ts';

type Address = `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`;

type NamesIn<Text> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;

/** The ids that an address names: `/organizations/{organization}` gives `organizationId`. */
type IdsOf<Text> = Text extends unknown
  ? { readonly [Name in NamesIn<Text> & keyof IdNames as IdNames[Name]]: string }
  : never;

/** One row. */
export interface RouteSpec<
  Text extends Address,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Answer extends z.ZodType,
  Result,
> {
  /** The operation's name, for programs. */
  readonly id: string;
  readonly address: Text;
  readonly summary: string;
  readonly description?: string;
  /** What it takes, see organizations/acts.ts; undefined where no organization is concerned. */
  readonly act?: OrganizationAct | DatabaseAct | BranchAct;
  /** Who can do what has no act; a person in their browser, unless said otherwise. */
  readonly ways?: readonly Way[];
  /** Whether there is only so much of it, as of mail that it sends. */
  readonly isLimited?: boolean;
  /** The refusals that it can answer. */
  readonly conflicts?: readonly ConflictReason[];
  readonly query?: Query;
  readonly body?: Body;
  /** Whether a request without a body is one with `{}`. */
  readonly isBodyOptional?: boolean;
  /** 200 unless said otherwise; 204 has no answer. */
  readonly status?: 200 | 201 | 204;
  /** Undefined of a file and of 204. */
  readonly answer?: Answer;
  /** The types of a file. */
  readonly file?: readonly string[];
  /** How large a body may be, in bytes; 64 KB unless said otherwise. */
  readonly maxBytes?: number;
  /** One line of a body that is read as it comes, as newline-delimited JSON. */
  readonly line?: z.ZodType;
  /** Whether it is for service clients of the platform alone. */
  readonly isForPlatform?: boolean;
  /** A change is done by one use case, with `work`; what that returns is what `print` is given. */
  run(call: Call<IdsOf<Text>, z.output<Query>, z.output<Body>>): Promise<Result>;
  /** What the answer shows of the result; the result itself unless said otherwise. Of a change it is called before the commit. */
  print?(result: Result, call: Call<IdsOf<Text>, z.output<Query>, z.output<Body>>): z.input<Answer>;
  /** How the thing that is changed is shown now: what the conditions of a request are about. */
  current?(db: Db, at: IdsOf<Text>, actor: Actor): Promise<unknown>;
}

/** A row as the server and the document see it. */
export interface Route extends RouteSpec<Address, z.ZodType, z.ZodType, z.ZodType, unknown> {
  /** By the catalogue's rules: any of these lets a token do it; none: not by token. */
  readonly scopes: readonly ScopeName[];
  readonly query: z.ZodObject;
  run(call: Call): Promise<unknown>;
  print?(result: unknown, call: Call): unknown;
  current?(db: Db, at: unknown, actor: Actor): Promise<unknown>;
}

/** Whether it only reads, and answers at once: there is nothing to wait for after letting in. */
export function isLook({ address, file }: Pick<Route, 'address' | 'file'>): boolean {
  return address.startsWith('GET ') && file === undefined;
}

/** Checks a row's types, and forgets them: the server has read and checked what `run` is given. */
export function route<
  const Text extends Address,
  Query extends z.ZodType = z.ZodObject,
  Body extends z.ZodType = z.ZodUndefined,
  Answer extends z.ZodType = z.ZodUndefined,
  Result = unknown,
>(spec: RouteSpec<Text, Query, Body, Answer, Result>): Route {
  const scopes = scopesOfRoute(spec.id);
  return { query: z.strictObject({}), ...spec, scopes } as unknown as Route;
}

interface ListSpec<
  Text extends Address,
  Filters extends z.ZodRawShape,
  Item extends z.ZodType,
  Row,
> {
  readonly id: string;
  readonly address: Text;
  readonly summary: string;
  readonly description?: string;
  readonly act?: OrganizationAct | DatabaseAct | BranchAct;
  readonly ways?: readonly Way[];
  readonly filters?: Filters;
  readonly item: Item;
  select(
    call: Call<IdsOf<Text>, z.output<z.ZodObject<Filters>>, undefined>,
    part: Part,
  ): Promise<Listed<Row>[]>;
  /** @param inFull false only where `inFull` says so. */
  print(row: Row, inFull: boolean): z.input<Item>;
  /** Of a list whose items a token may see one by one: which resource an item is. */
  readonly itemOf?: (row: Row) => ListedResource;
  /** Of a list whose items a token sees all, and in full only where one of these scopes holds. */
  readonly inFull?: {
    readonly of: (row: Row) => ListedResource;
    readonly scopes: readonly ScopeName[];
  };
}

/** A row that answers a list, page by page. */
export function listRoute<
  const Text extends Address,
  Item extends z.ZodType,
  Row,
  Filters extends z.ZodRawShape = Record<never, never>,
>(spec: ListSpec<Text, Filters, Item, Row>): Route {
  const { id, address, summary, description, act, ways } = spec;
  const scopes = scopesOfRoute(id);
  const { filters, item, select, print, itemOf, inFull } = spec;
  return {
    id,
    address,
    summary,
    ...(description === undefined ? {} : { description }),
    scopes,
    ...(act === undefined ? {} : { act }),
    ...(ways === undefined ? {} : { ways }),
    query: z.strictObject({ ...filters, ...pageQuery }),
    answer: z.object({ items: z.array(item), next_cursor: z.string().optional() }),
    run: (call) =>
      page(id, call, async (part) => {
        const rows = await select(call as Parameters<typeof select>[0], part);
        const items = rows.map((row) => row.item);
        const seen = itemOf && (await call.reach.ofItems(items.map(itemOf), scopes));
        const full = inFull && (await call.reach.ofItems(items.map(inFull.of), inFull.scopes));
        return rows.map(({ position, item: row }) => ({
          position,
          item:
            itemOf && seen && !seen.has(itemOf(row).id)
              ? undefined
              : (print(
                  row,
                  inFull === undefined || full?.has(inFull.of(row).id) === true,
                ) as unknown),
        }));
      }),
  };
}
