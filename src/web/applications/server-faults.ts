/**
 * Why a resource server was refused, for whoever registers it: the checks give their reasons in the words of
 * the API.
 *
 * @module
 */

/** The reasons that an address can be refused for: message keys. */
export const addressTexts: Readonly<Record<string, string>> = {
  'must be an https address': 'own-server.address-https',
  'must not have a query': 'own-server.address-query',
  'must not be at this server': 'own-server.address-here',
};

/** What can be wrong: message keys. */
export const conflictTexts: Readonly<Record<string, string>> = {
  address_taken: 'own-server.address-taken',
  too_many: 'own-server.too-many',
};
