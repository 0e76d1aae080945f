/** The same suite on the made-up catalogue: other scopes, permissions, roles and rules. */

import '../catalogue/on-workbench.ts';
import './oracle.test.ts';
