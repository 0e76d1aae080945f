/**
 * The columns of a row, each declared once: its SQL and what its value is.
 *
 * What a statement selects and what TypeScript takes its rows for follow from the same declaration.
 * Each column is cast to the type that it is declared as, so the driver cannot read it as another.
 *
 * @module
 */

declare const value: unique symbol;

/** One column; its value is what the driver reads. */
export interface Column<Value> {
  readonly sql: string;
  /** Never there: it carries the type. */
  readonly [value]?: Value;
}

/** Columns by the names that they have in a row. */
export type Columns = Readonly<Record<string, Column<unknown>>>;

/** A row with these columns. */
export type RowOf<Of extends Columns> = {
  readonly [Name in keyof Of]: Of[Name] extends Column<infer Value> ? Value : never;
};

/** A text, or one of a closed list of texts where the tables have a check for it. */
export function text<Value extends string = string>(sql: string): Column<Value> {
  return { sql: `(${sql})::text` };
}

/** A UUID. */
export function id(sql: string): Column<string> {
  return { sql: `(${sql})::uuid` };
}

/** True or false. */
export function flag(sql: string): Column<boolean> {
  return { sql: `(${sql})::boolean` };
}

/** A whole number of 32 bits. */
export function whole(sql: string): Column<number> {
  return { sql: `(${sql})::integer` };
}

/** Whole seconds since 1970 of a point in time. */
export function seconds(sql: string): Column<number> {
  return { sql: `floor(date_part('epoch', ${sql}))::float8` };
}

/** A duration in seconds, with fractions. */
export function duration(sql: string): Column<number> {
  return { sql: `date_part('epoch', ${sql})::float8` };
}

/** Where the database has null, so has the row. */
export function nullable<Value>({ sql }: Column<Value>): Column<Value | null> {
  return { sql };
}

/** The rows of a query within a row; null where it gives none. */
export function rows<Of extends Columns>(
  of: Of,
  from: string,
): Column<readonly RowOf<Of>[] | null> {
  return { sql: `(select json_agg(found) from (select ${selected(of)} ${from}) found)` };
}

/** The one row of a query within a row; null where it gives none. */
export function row<Of extends Columns>(of: Of, from: string): Column<RowOf<Of> | null> {
  return { sql: `(select row_to_json(found) from (select ${selected(of)} ${from}) found)` };
}

/** The column where the condition holds, else null. */
export function when<Value>(condition: string, { sql }: Column<Value>): Column<Value | null> {
  return { sql: `case when ${condition} then ${sql} end` };
}

/** @returns the columns, to be selected. */
export function selected(of: Columns): string {
  return Object.entries(of)
    .map(([name, { sql }]) => `${sql} as ${name}`)
    .join(', ');
}
