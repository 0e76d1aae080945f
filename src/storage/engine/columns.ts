/**
 * The columns of a row, each declared once: its SQL and what its value is.
 *
 * What a statement selects, how its rows are read, and what TypeScript takes them for follow from the
 * same declaration. Each column is cast to the type that it is declared as, so it cannot be read as
 * another.
 *
 * A row travels as one JSON array, without names: of rows with thirty columns and a few bytes in each,
 * a column of its own for each value is most of what the driver has to do.
 *
 * @module
 */

declare const value: unique symbol;

/** One column. */
export interface Column<Value> {
  readonly sql: string;
  /** Makes the value out of JSON that is not null; where it is absent, the JSON is the value. */
  readonly read?: (json: unknown) => unknown;
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

/** A whole number that JavaScript holds exactly. */
export function largeWhole(sql: string): Column<number> {
  return { sql: `(${sql})::bigint` };
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
export function nullable<Value>(column: Column<Value>): Column<Value | null> {
  return column;
}

/** The rows of a query within a row; null where it gives none. */
export function rows<Of extends Columns>(
  of: Of,
  from: string,
): Column<readonly RowOf<Of>[] | null> {
  const { array, read } = rowForm(of);
  return {
    sql: `(select json_agg(${array}) ${from})`,
    read: (found) => (found as WrittenRow[]).map(read),
  };
}

/** The one row of a query within a row; null where it gives none. */
export function row<Of extends Columns>(of: Of, from: string): Column<RowOf<Of> | null> {
  const { array, read } = rowForm(of);
  return writtenRow(`(select ${array} ${from})`, read);
}

/** A row that a part of the statement has written as an array already. */
export function writtenRow<Row>(
  sql: string,
  read: (written: WrittenRow) => Row,
): Column<Row | null> {
  return { sql, read: (found) => read(found as WrittenRow) };
}

/** The column where the condition holds, else null. */
export function when<Value>(condition: string, column: Column<Value>): Column<Value | null> {
  return { ...column, sql: `case when ${condition} then ${column.sql} end` };
}

/** The values of a row as they travel, in the order of its declaration. */
export type WrittenRow = readonly unknown[];

/** How a statement writes the rows of a declaration, and how they are read. */
export interface RowForm<Of extends Columns> {
  /** SQL: one value, a `WrittenRow`. */
  readonly array: string;
  /** @returns the row as an object of its own. */
  readonly read: (written: WrittenRow) => RowOf<Of>;
}

/** @param of 100 columns at most: PostgreSQL takes no more arguments. */
export function rowForm<Of extends Columns>(of: Of): RowForm<Of> {
  const names = Object.keys(of);
  const columns = Object.values(of);
  const empty = Object.fromEntries(names.map((name) => [name, null as unknown]));
  const readOwn = columns.flatMap(({ read }, at) =>
    read ? [{ name: names[at] ?? '', read }] : [],
  );
  return {
    array: `json_build_array(${columns.map(({ sql }) => sql).join(', ')})`,
    read(written) {
      // A copy of one object, so that all rows have one hidden class; then no more than assignments.
      const found = { ...empty };
      for (let at = 0; at < names.length; at++) found[names[at] as string] = written[at];
      for (const { name, read } of readOwn) {
        if (found[name] !== null) found[name] = read(found[name]);
      }
      return found as RowOf<Of>;
    },
  };
}
