/**
 * What every connection to a real PostgreSQL is set to: a request never waits longer than this, and
 * nothing is compiled, which would cost more than to run it.
 *
 * Where statements are looks into indexes, each is planned once, for any values, and by index also while
 * a table is small, since the plan outlives that; to hash tables for them, or to remember what was
 * found, would cost more than to run them. Lists and pages are planned as PostgreSQL does it.
 *
 * @module
 */

/** Settings by name, as `pg_settings` prints them; times are milliseconds. */
export type SessionSettings = Readonly<Record<string, string>>;

/** How statements are planned: all as looks into indexes, or as usual. */
export type Planning = 'lookups' | 'usual';

const forLookups: SessionSettings = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_memoize: 'off',
};

/** @param statementMilliseconds after which the server ends a statement. */
export function sessionSettings(
  statementMilliseconds: number,
  planning: Planning,
): SessionSettings {
  return {
    statement_timeout: String(statementMilliseconds),
    lock_timeout: '5000',
    idle_in_transaction_session_timeout: '15000',
    random_page_cost: '1.1',
    jit: 'off',
    ...(planning === 'lookups' ? forLookups : {}),
  };
}

/** The settings as the startup message carries them, so that they cost no statement. */
export function asOptions(settings: SessionSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}

/** The settings as one statement. */
export function asStatement(settings: SessionSettings): string {
  const calls = Object.entries(settings).map(
    ([name, value]) => `set_config('${name}', '${value}', false)`,
  );
  return `select ${calls.join(', ')}`;
}
