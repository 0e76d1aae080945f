/**
 * A page or form of the console, described once: the router is made of it, and the rows of its tests and
 * of its benchmark are beside it.
 *
 * @module
 */

import type Koa from 'koa';
import type { Person } from '../../organizations/actor.ts';
import type { OrganizationAct } from '../../organizations/acts.ts';
import type { OwnOrganization } from '../../storage/tree/organizations.ts';
import type { PageParts, Sender, SignedIn } from '../page/page-parts.ts';
import { baseOf } from './addresses.ts';

/** What the pages of the console are made with. */
export interface ConsoleParts extends PageParts {
  /** 32 bytes for what is sealed into addresses; the same on every node. */
  readonly consoleKey: Buffer;
  /** The sections that have a page. */
  readonly offered: ReadonlySet<Section>;
}

/** The organization that is open, with the rights that whoever looks at it has now. */
export interface ConsoleOrganization extends OwnOrganization {
  /** The person's other organizations, by slug, as many as a menu holds. */
  readonly others: readonly OwnOrganization[];
  /** Where its pages are: `/organizations/acme`. */
  readonly base: string;
  /** Whether the person's role gives this act. It is asked again in the transaction of the act. */
  may(act: OrganizationAct): boolean;
}

/** A request for a page. */
export interface ConsoleRequest {
  readonly ctx: Koa.Context;
  readonly signedIn: SignedIn;
  /** Of the page that was asked for. */
  readonly section: Section;
  readonly here: ConsoleOrganization;
  readonly actor: Person;
}

/** A form that was sent from a page that this person was shown. */
export interface ConsoleForm extends ConsoleRequest {
  readonly sender: Sender;
  readonly fields: URLSearchParams;
}

/** The sections of an organization, in the order of the navigation. */
export const sections = [
  'overview',
  'members',
  'teams',
  'databases',
  'applications',
  'why',
  'audit-log',
  'settings',
] as const;
export type Section = (typeof sections)[number];

interface Address {
  /** Below the organization: '' or `/members/:member`. */
  readonly path: '' | `/${string}`;
  readonly section: Section;
  /** What whoever opens the page must be allowed to do, by the rules of the catalogue. */
  readonly act: OrganizationAct;
}

/** A page to look at. */
export interface LookPage extends Address {
  readonly method: 'GET';
  /** What the benchmark opens it with, beside nothing: `?search=ada`. */
  readonly benched?: readonly string[];
  open(parts: ConsoleParts, request: ConsoleRequest): Promise<void>;
}

/** A form. The use case that it leads to decides who may, in its transaction. */
export interface FormPage extends Address {
  readonly method: 'POST';
  /** How long its body may be; undefined: as every form's. */
  readonly mostBytes?: number;
  /** Hidden fields that its page is to be asked for with, or it would not show the form. */
  readonly shownBy?: readonly string[];
  send(parts: ConsoleParts, form: ConsoleForm): Promise<void>;
}

export type ConsolePage = LookPage | FormPage;

/** Where every page of an organization begins. */
export const consolePrefix = baseOf(':slug');
