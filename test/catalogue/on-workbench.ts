/** Imported first, makes a suite run on the made-up catalogue. */

import { join } from 'node:path';

process.env['CATALOGUE'] = join(import.meta.dirname, 'workbench');
