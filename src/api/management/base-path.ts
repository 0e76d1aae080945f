/**
 * Where the management API is.
 *
 * @module
 */

/** The path that all its addresses begin with. */
export const basePath = '/api/v1';
