/**
 * What every connection to a real PostgreSQL is set to: a request never waits longer than this; a
 * statement is planned once, for any values, and by index also while a table is small, since the plan
 * outlives that. Statements here are looks into indexes: to hash tables for them, to remember what was
 * found, or to compile them would cost more than to run them.
 *
 * @module
 */

/** Settings by name, as `pg_settings` prints them; times are milliseconds. */
export type SessionSettings = Readonly<Record<string, string>>;

/** @param statementMilliseconds after which the server ends a statement. */
export function sessionSettings(statementMilliseconds: number): SessionSettings {
  return {
    statement_timeout: String(statementMilliseconds),
    lock_timeout: '5000',
    idle_in_transaction_session_timeout: '15000',
    plan_cache_mode: 'force_generic_plan',
    random_page_cost: '1.1',
    enable_seqscan: 'off',
    enable_hashjoin: 'off',
    enable_mergejoin: 'off',
    enable_memoize: 'off',
    jit: 'off',
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
