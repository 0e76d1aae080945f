/** Where the management API stands. */
export const basePath = '/api/v1';
