/**
 * Where the management API is.
 *
 * @module
 */

import { managementPath } from '../../clients/own-resource.ts';

/** The path that all its addresses begin with. */
export const basePath = managementPath;
