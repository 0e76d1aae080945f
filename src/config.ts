/**
 * The configuration: every setting in one table, read from the environment once, before anything
 * starts. All faults are reported at once, each with the setting's name.
 *
 * | setting | default | what it is |
 * |---|---|---|
 * | `NODE_ENV` | none | `production` refuses what is for trying |
 * | `ISSUER` | http://localhost:PORT | the address that clients and browsers see; no path |
 * | `HOST`, `PORT` | 127.0.0.1, 3000 | where the process listens |
 * | `DATABASE_URL` | the embedded database | a PostgreSQL 15 or newer |
 * | `DATABASE_POOL` | 20 | connections to PostgreSQL per process, half of them for writes |
 * | `DRAIN_SECONDS` | 5; 0 with the embedded database | how long a process serves on after SIGTERM, not ready any more |
 * | `STOP_SECONDS` | 15 | how long after the signal a process ends at the latest |
 * | `USHER_KEY` | made once on the embedded database | wraps the stored keys; 32 characters or more |
 * | `DATA_DIRECTORY` | .usher | where the embedded database lives |
 * | `DEMO` | on with the embedded database | seeds the demo data and serves /demo; loopback only |
 * | `CATALOGUE` | config/catalogue/default | scopes, permissions, roles and words; read by catalogue/catalogue.ts |
 * | `BRAND` | brand.json beside the catalogue | how pages and mails look; read by catalogue/catalogue.ts |
 * | `DYNAMIC_REGISTRATION` | on | whether applications may register themselves (RFC 7591) |
 * | `CLIENT_DOCUMENTS` | on | whether applications may be known by the address of a metadata document: `on`, `off`, or `listed` for hosts that an operator allowed |
 * | `CLIENT_DOCUMENTS_ON_LOOPBACK` | off | whether such documents, and keys, may be on this machine; for tests, refused in production |
 * | `RP_ID` | the issuer's host | the domain that passkeys are made for: the issuer's host, or one that it lies in |
 * | `STEP_UP_SECONDS` | 600 | how old a sign-in may be in which scopes that delete or give secrets are consented to; 0: any |
 * | `REFRESH_RETRY_SECONDS` | 60 | how long after a refresh the same request gets the same answer, until the new refresh token is used; 300 at most, 0: never; the same on every node |
 * | `PASSWORDS` | on | whether people sign in with passwords; `off` where the platform has its own accounts |
 * | `PROFILE_IN_ID_TOKEN` | on | whether ID tokens hold the claims of `profile` and `email`, as userinfo does |
 * | `REGISTRATION_CEILING` | the whole catalogue | the scopes, separated by spaces, that applications which registered themselves may ask for; the same on every node |
 * | `REGISTRATION_LIMIT` | 60 | how often an hour one network may register or change applications |
 * | `REGISTRATION_UNUSED_DAYS` | 30 | after how many days an application that registered itself and was never used is deleted; 1 to 365 |
 * | `TRUST_PROXY` | 0 | how many reverse proxies are in front of the process |
 * | `DNS_SERVERS` | those of the system | the name servers, as addresses with commas between, that proofs of domains are looked up at |
 * | `SIGN_IN_URL` | none | the platform's own sign-in page, to which sign-in is handed |
 * | `CONSOLE_URL` | none | the platform's own console, to which links lead instead of ours |
 * | `SIGN_UP` | invitation | who can make an account: `invitation`, `open` (anybody, by a link to their address), `off` |
 * | `SMTP_URL` | none | the mail server, `smtp://` or `smtps://`; without it mail is shown in the log and at /dev/mail, in production it waits |
 * | `SETUP_EMAIL` | none | who gets the link of the first operator by mail, while no operator was ever named; needs `SMTP_URL` |
 * | `MAIL_FROM` | usher@ and the issuer's host | the sender of mail |
 * | `AUDIT_RETENTION_DAYS` | none | how long the audit trail is kept, 30 or more; without it for ever |
 * | `METRICS_PORT` | none | where Prometheus finds `/metrics`; without it nothing is counted |
 * | `LOG_LEVEL` | info | fatal, error, warn, info, debug, silent |
 *
 * @module
 */

import { z } from 'zod';
import { catalogue } from './catalogue/catalogue.ts';
import { expandForRequest } from './catalogue/expand-scope.ts';
import { allScopes, type ScopeSet } from './catalogue/scope-set.ts';
import { contradictions, loopback } from './config-faults.ts';
import { isNameServer } from './fetching/text-records.ts';
import { addressFault, normalizeEmail } from './lib/email-address.ts';
import { isHardToGuess } from './lib/guessable.ts';
import { type RelyingParty, relyingPartyOf } from './lib/relying-party.ts';

/** The settings of one process. */
export interface Config {
  readonly isProduction: boolean;
  readonly issuer: string;
  readonly host: string;
  readonly port: number;
  /** Undefined: the embedded database. */
  readonly databaseUrl: string | undefined;
  readonly databasePool: number;
  readonly drainSeconds: number;
  readonly stopSeconds: number;
  /** Undefined only with the embedded database, which keeps a key of its own. */
  readonly usherKey: string | undefined;
  readonly dataDirectory: string;
  readonly demo: boolean;
  readonly dynamicRegistration: boolean;
  /** Whether applications may be known by a document, and of which hosts. */
  readonly clientDocuments: 'on' | 'off' | 'listed';
  readonly clientDocumentsOnLoopback: boolean;
  /** Undefined: the host of the issuer is an IP address, for which browsers make no passkeys. */
  readonly relyingParty: RelyingParty | undefined;
  /** 0: a consent never asks for a new sign-in. */
  readonly stepUpSeconds: number;
  /** How long after a refresh the same request gets the same answer; 0: never. */
  readonly refreshRetrySeconds: number;
  /** Whether people sign in with passwords; the links of operators work either way. */
  readonly passwords: boolean;
  readonly profileInIdToken: boolean;
  /** The most that applications which registered themselves may ask for; undefined: no bound. */
  readonly registrationCeiling: ScopeSet | undefined;
  /** Attempts an hour from one network. */
  readonly registrationLimit: number;
  /** After how many days an application that registered itself and was never used is deleted. */
  readonly registrationUnusedDays: number;
  readonly trustedHops: number;
  /** The platform's own sign-in page, to which sign-in is handed; undefined: it is not. */
  readonly signInUrl: string | undefined;
  /** The platform's own console, to which links lead instead of ours. */
  readonly consoleUrl: string | undefined;
  /** Who can make an account. */
  readonly signUp: 'invitation' | 'open' | 'off';
  readonly smtpUrl: string | undefined;
  /** Undefined: those of the system. */
  readonly dnsServers: readonly string[] | undefined;
  readonly mailFrom: string;
  /** In its normal form: who becomes the first operator. */
  readonly setUpEmail: string | undefined;
  /** Whether /dev/mail shows what was sent: outside production, on loopback only. */
  readonly showsSentMail: boolean;
  /** Whether a new installation is set up in the browser: outside production and demo, on loopback only. */
  readonly offersFirstSteps: boolean;
  /** Undefined: the audit trail is kept for ever. */
  readonly auditRetentionDays: number | undefined;
  /** Undefined: nothing is counted. */
  readonly metricsPort: number | undefined;
  readonly logLevel: string;
}

/** The configuration cannot be used; the message names every fault. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(
      `The configuration has ${faults.length} fault(s):\n${faults.map((f) => `  ${f}`).join('\n')}`,
    );
    this.faults = faults;
  }
}

const onOff = z
  .enum(['on', 'off', 'true', 'false', '1', '0'])
  .transform((text) => ['on', 'true', '1'].includes(text));
const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min).max(max));

function readCeiling(text: string, context: z.RefinementCtx): ScopeSet {
  const expansion = expandForRequest(text, allScopes);
  if (expansion.outcome === 'expanded') return expansion.scopes;
  context.addIssue(`not in the catalogue: ${expansion.unknown.join(', ')}`);
  return z.NEVER;
}

const settings = z.object({
  NODE_ENV: z.string().optional(),
  ISSUER: z.string().optional(),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: wholeNumber(1, 65_535).default(3000),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgres://')
    .optional(),
  DATABASE_POOL: wholeNumber(2, 200).default(20),
  DRAIN_SECONDS: wholeNumber(0, 300).optional(),
  STOP_SECONDS: wholeNumber(1, 3600).default(15),
  USHER_KEY: z
    .string()
    .min(32, 'must have 32 characters or more')
    .refine(
      (key) => key.length < 32 || isHardToGuess(key),
      'is easy to guess; make one with openssl rand -base64 32',
    )
    .optional(),
  DATA_DIRECTORY: z.string().min(1).default('.usher'),
  DEMO: onOff.optional(),
  CATALOGUE: z.string().optional(),
  BRAND: z.string().optional(),
  DYNAMIC_REGISTRATION: onOff.default(true),
  CLIENT_DOCUMENTS: z.enum(['on', 'off', 'listed']).default('on'),
  CLIENT_DOCUMENTS_ON_LOOPBACK: onOff.default(false),
  RP_ID: z.string().toLowerCase().optional(),
  STEP_UP_SECONDS: wholeNumber(0, 7_776_000).default(600),
  REFRESH_RETRY_SECONDS: wholeNumber(0, 300).default(60),
  PASSWORDS: onOff.default(true),
  PROFILE_IN_ID_TOKEN: onOff.default(true),
  REGISTRATION_CEILING: z.string().transform(readCeiling).optional(),
  REGISTRATION_LIMIT: wholeNumber(1, 1_000_000).default(60),
  REGISTRATION_UNUSED_DAYS: wholeNumber(1, 365).default(30),
  TRUST_PROXY: wholeNumber(0, 10).default(0),
  SIGN_IN_URL: z.string().max(2000, 'must have 2,000 characters at most').optional(),
  CONSOLE_URL: z.string().max(2000).optional(),
  SIGN_UP: z.enum(['invitation', 'open', 'off']).default('invitation'),
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\//, 'must begin with smtp:// or smtps://')
    .optional(),
  DNS_SERVERS: z
    .string()
    .transform((text) => text.split(',').map((server) => server.trim()))
    .refine((servers) => servers.every(isNameServer), 'must be IP addresses, with ports or without')
    .optional(),
  MAIL_FROM: z
    .string()
    .regex(/^[^\r\n]+@[^\r\n]+$/, 'must be an e-mail address')
    .optional(),
  SETUP_EMAIL: z
    .string()
    .refine((email) => normalizeEmail(email) !== undefined, {
      error: ({ input }) => addressFault(String(input)),
    })
    .transform((email) => normalizeEmail(email))
    .optional(),
  AUDIT_RETENTION_DAYS: wholeNumber(30, 36_500).optional(),
  METRICS_PORT: wholeNumber(1, 65_535).optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
});

type Settings = z.infer<typeof settings>;

/**
 * Reads and checks the environment. An empty setting counts as absent.
 *
 * @throws {ConfigurationError} with every fault there is.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const present = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== ''),
  );
  const malformed = settings.safeParse(present).error?.issues ?? [];
  const config = toConfig(readableOf(present, malformed));
  const faults = [
    ...malformed.map(({ path, message }) => `${path.join('.')}: ${message}`),
    ...contradictions(config, present['RP_ID']).filter(
      (fault) => !malformed.some(({ path }) => fault.startsWith(`${path.join('.')}:`)),
    ),
  ];
  if (faults.length > 0) throw new ConfigurationError(faults);
  return config;
}

/** The settings without those that are malformed, so that the others are checked all the same. */
function readableOf(
  present: Readonly<Record<string, string | undefined>>,
  malformed: readonly z.core.$ZodIssue[],
): Settings {
  const names = new Set(malformed.map(({ path }) => path[0]));
  const others = Object.entries(present).filter(([name]) => !names.has(name));
  // That these two are set at all decides about others.
  const { DATABASE_URL, USHER_KEY } = present;
  return { ...settings.parse(Object.fromEntries(others)), DATABASE_URL, USHER_KEY };
}

function toConfig(set: Settings): Config {
  const isProduction = set.NODE_ENV === 'production';
  const isOnLoopback = !isProduction && loopback.has(set.HOST);
  const demo = set.DEMO ?? (set.DATABASE_URL === undefined && !isProduction && hasDemoData);
  const issuer = set.ISSUER ?? `http://localhost:${set.PORT}`;
  return {
    isProduction,
    issuer,
    host: set.HOST,
    port: set.PORT,
    databaseUrl: set.DATABASE_URL,
    databasePool: set.DATABASE_POOL,
    drainSeconds: set.DRAIN_SECONDS ?? (set.DATABASE_URL === undefined ? 0 : 5),
    stopSeconds: set.STOP_SECONDS,
    usherKey: set.USHER_KEY,
    dataDirectory: set.DATA_DIRECTORY,
    demo,
    dynamicRegistration: set.DYNAMIC_REGISTRATION,
    clientDocuments: set.CLIENT_DOCUMENTS,
    clientDocumentsOnLoopback: set.CLIENT_DOCUMENTS_ON_LOOPBACK,
    relyingParty: URL.canParse(issuer) ? relyingPartyOf(issuer, set.RP_ID) : undefined,
    stepUpSeconds: set.STEP_UP_SECONDS,
    refreshRetrySeconds: set.REFRESH_RETRY_SECONDS,
    passwords: set.PASSWORDS,
    profileInIdToken: set.PROFILE_IN_ID_TOKEN,
    registrationCeiling: set.REGISTRATION_CEILING,
    registrationLimit: set.REGISTRATION_LIMIT,
    registrationUnusedDays: set.REGISTRATION_UNUSED_DAYS,
    trustedHops: set.TRUST_PROXY,
    signInUrl: set.SIGN_IN_URL,
    consoleUrl: set.CONSOLE_URL,
    signUp: set.SIGN_UP,
    smtpUrl: set.SMTP_URL,
    dnsServers: set.DNS_SERVERS,
    mailFrom: set.MAIL_FROM ?? `usher@${URL.parse(issuer)?.hostname ?? 'localhost'}`,
    setUpEmail: set.SETUP_EMAIL,
    showsSentMail: isOnLoopback,
    offersFirstSteps: isOnLoopback && !demo && set.TRUST_PROXY === 0,
    auditRetentionDays: set.AUDIT_RETENTION_DAYS,
    metricsPort: set.METRICS_PORT,
    logLevel: set.LOG_LEVEL,
  };
}

const hasDemoData = catalogue.files['demo.json'] !== undefined;
