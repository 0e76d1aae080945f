/**
 * What settings must not be together: each fault is one line that begins with the setting's name.
 *
 * @module
 */

import { relyingPartyFault } from './lib/relying-party.ts';
import { signInUrlFault } from './lib/sign-in-url.ts';

/** Hosts that nobody reaches from another machine. */
export const loopback = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);

/** The settings that others can contradict; what each is: config.ts. */
interface Checked {
  readonly isProduction: boolean;
  readonly issuer: string;
  readonly host: string;
  readonly port: number;
  readonly databaseUrl: string | undefined;
  readonly drainSeconds: number;
  readonly stopSeconds: number;
  readonly usherKey: string | undefined;
  readonly demo: boolean;
  readonly clientDocumentsOnLoopback: boolean;
  readonly signInUrl: string | undefined;
  readonly consoleUrl: string | undefined;
  readonly smtpUrl: string | undefined;
  readonly setUpEmail: string | undefined;
  readonly metricsPort: number | undefined;
}

/**
 * @param rpId `RP_ID` as it was set; undefined where it was not.
 * @returns every contradiction between settings that are well-formed one by one.
 */
export function contradictions(config: Checked, rpId: string | undefined): string[] {
  return [
    ...issuerFaults(config),
    ...relyingPartyFaults(config, rpId),
    ...placeFaults(config),
    ...stopFaults(config),
    ...metricsFaults(config),
    ...mailFaults(config),
    ...signInFaults(config),
    ...productionFaults(config),
  ];
}

function issuerFaults({ issuer, isProduction }: Checked): string[] {
  const url = URL.parse(issuer);
  if (url === null || !/^https?:$/.test(url.protocol))
    return ['ISSUER: must be an http(s) address'];
  if (issuer !== url.origin)
    return [`ISSUER: must be an origin without path or slash, such as ${url.origin}`];
  if (url.protocol === 'https:') return [];
  if (isProduction) return ['ISSUER: must be https in production'];
  return loopback.has(url.hostname) ? [] : ['ISSUER: http is only for loopback; use https'];
}

function relyingPartyFaults({ issuer }: Checked, rpId: string | undefined): string[] {
  if (rpId === undefined || !URL.canParse(issuer)) return [];
  const fault = relyingPartyFault(issuer, rpId.toLowerCase());
  return fault === undefined ? [] : [`RP_ID: ${fault}`];
}

function signInFaults({ signInUrl, consoleUrl, ...rest }: Checked): string[] {
  const pages = [
    { name: 'SIGN_IN_URL', address: signInUrl, page: 'sign-in page' },
    { name: 'CONSOLE_URL', address: consoleUrl, page: 'console' },
  ] as const;
  return pages.flatMap(({ name, address, page }) => {
    const fault = address && signInUrlFault(address, { ...rest, page });
    return fault ? [`${name}: ${fault}`] : [];
  });
}

function placeFaults({ demo, host, databaseUrl, usherKey }: Checked): string[] {
  return [
    demo && !loopback.has(host)
      ? 'DEMO: demo mode listens on loopback only; set HOST to 127.0.0.1'
      : '',
    databaseUrl !== undefined && usherKey === undefined
      ? 'USHER_KEY: must be set with DATABASE_URL, the same on every node (openssl rand -base64 32)'
      : '',
  ].filter((fault) => fault !== '');
}

function metricsFaults({ metricsPort, port }: Checked): string[] {
  return metricsPort === port ? ['METRICS_PORT: must be another port than PORT'] : [];
}

function mailFaults({ setUpEmail, smtpUrl }: Checked): string[] {
  if (setUpEmail === undefined || smtpUrl !== undefined) return [];
  return [
    'SETUP_EMAIL: needs SMTP_URL, since the link goes out by mail; or use: operator add EMAIL',
  ];
}

function stopFaults({ drainSeconds, stopSeconds }: Checked): string[] {
  if (stopSeconds > drainSeconds) return [];
  return ['STOP_SECONDS: must be more than DRAIN_SECONDS, since it counts from the signal, too'];
}

function productionFaults(config: Checked): string[] {
  const { isProduction, databaseUrl, demo, usherKey, clientDocumentsOnLoopback } = config;
  if (!isProduction) return [];
  return [
    databaseUrl === undefined
      ? 'DATABASE_URL: must be set in production; the embedded database is for trying'
      : '',
    databaseUrl === undefined && usherKey === undefined
      ? 'USHER_KEY: must be set in production'
      : '',
    demo ? 'DEMO: the demo data and /demo are refused in production' : '',
    clientDocumentsOnLoopback
      ? 'CLIENT_DOCUMENTS_ON_LOOPBACK: documents on this machine are refused in production'
      : '',
  ].filter((fault) => fault !== '');
}
