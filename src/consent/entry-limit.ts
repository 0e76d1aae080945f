/**
 * How many resources one consent can name. Whoever allows more picks a database or an organization
 * as a whole; and every question about a token is about all entries of its consent.
 *
 * @module
 */

/** The most entries of one consent, and the most picks of one submitted page. */
export const mostEntries = 500;
