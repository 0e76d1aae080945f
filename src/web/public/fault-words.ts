/**
 * What each cause of a failure is called, what it means, and what to change: message keys.
 *
 * @module
 */

import type { FlowFault } from '../../portal/flow-faults.ts';

/** The words for a cause. */
export interface FaultWords {
  readonly title: string;
  readonly means: string;
  readonly fix: string;
}

export const faultWords: Readonly<Record<FlowFault, FaultWords>> = {
  'redirect-uri': {
    title: 'error-list.redirect-uri',
    means: 'error-list.redirect-uri-means',
    fix: 'error-list.redirect-uri-fix',
  },
  'client-unknown': {
    title: 'error-list.client-unknown',
    means: 'error-list.client-unknown-means',
    fix: 'error-list.client-unknown-fix',
  },
  'client-secret': {
    title: 'error-list.client-secret',
    means: 'error-list.client-secret-means',
    fix: 'error-list.client-secret-fix',
  },
  'client-method': {
    title: 'error-list.client-method',
    means: 'error-list.client-method-means',
    fix: 'error-list.client-method-fix',
  },
  'client-assertion': {
    title: 'error-list.client-assertion',
    means: 'error-list.client-assertion-means',
    fix: 'error-list.client-assertion-fix',
  },
  'code-verifier': {
    title: 'error-list.code-verifier',
    means: 'error-list.code-verifier-means',
    fix: 'error-list.code-verifier-fix',
  },
  'code-expired': {
    title: 'error-list.code-expired',
    means: 'error-list.code-expired-means',
    fix: 'error-list.code-expired-fix',
  },
  'code-used': {
    title: 'error-list.code-used',
    means: 'error-list.code-used-means',
    fix: 'error-list.code-used-fix',
  },
  'code-unknown': {
    title: 'error-list.code-unknown',
    means: 'error-list.code-unknown-means',
    fix: 'error-list.code-unknown-fix',
  },
  'code-redirect-uri': {
    title: 'error-list.code-redirect-uri',
    means: 'error-list.code-redirect-uri-means',
    fix: 'error-list.code-redirect-uri-fix',
  },
  'refresh-token': {
    title: 'error-list.refresh-token',
    means: 'error-list.refresh-token-means',
    fix: 'error-list.refresh-token-fix',
  },
  'grant-ended': {
    title: 'error-list.grant-ended',
    means: 'error-list.grant-ended-means',
    fix: 'error-list.grant-ended-fix',
  },
  'other-client': {
    title: 'error-list.other-client',
    means: 'error-list.other-client-means',
    fix: 'error-list.other-client-fix',
  },
  'proof-key': {
    title: 'error-list.proof-key',
    means: 'error-list.proof-key-means',
    fix: 'error-list.proof-key-fix',
  },
  'challenge-missing': {
    title: 'error-list.challenge-missing',
    means: 'error-list.challenge-missing-means',
    fix: 'error-list.challenge-missing-fix',
  },
  request: {
    title: 'error-list.request',
    means: 'error-list.request-means',
    fix: 'error-list.request-fix',
  },
  scope: {
    title: 'error-list.scope',
    means: 'error-list.scope-means',
    fix: 'error-list.scope-fix',
  },
  target: {
    title: 'error-list.target',
    means: 'error-list.target-means',
    fix: 'error-list.target-fix',
  },
  'access-denied': {
    title: 'error-list.access-denied',
    means: 'error-list.access-denied-means',
    fix: 'error-list.access-denied-fix',
  },
  'sign-in-needed': {
    title: 'error-list.sign-in-needed',
    means: 'error-list.sign-in-needed-means',
    fix: 'error-list.sign-in-needed-fix',
  },
  'grant-type': {
    title: 'error-list.grant-type',
    means: 'error-list.grant-type-means',
    fix: 'error-list.grant-type-fix',
  },
  'grant-type-unknown': {
    title: 'error-list.grant-type-unknown',
    means: 'error-list.grant-type-unknown-means',
    fix: 'error-list.grant-type-unknown-fix',
  },
  'response-type': {
    title: 'error-list.response-type',
    means: 'error-list.response-type-means',
    fix: 'error-list.response-type-fix',
  },
  'token-expired': {
    title: 'error-list.token-expired',
    means: 'error-list.token-expired-means',
    fix: 'error-list.token-expired-fix',
  },
  'token-ended': {
    title: 'error-list.token-ended',
    means: 'error-list.token-ended-means',
    fix: 'error-list.token-ended-fix',
  },
  'token-not-yours': {
    title: 'error-list.token-not-yours',
    means: 'error-list.token-not-yours-means',
    fix: 'error-list.token-not-yours-fix',
  },
  'resource-not-allowed': {
    title: 'error-list.resource-not-allowed',
    means: 'error-list.resource-not-allowed-means',
    fix: 'error-list.resource-not-allowed-fix',
  },
  'role-too-low': {
    title: 'error-list.role-too-low',
    means: 'error-list.role-too-low-means',
    fix: 'error-list.role-too-low-fix',
  },
  other: {
    title: 'error-list.other',
    means: 'error-list.other-means',
    fix: 'error-list.other-fix',
  },
};

/** @returns the words for a stored cause; those of any other error where a newer version wrote it. */
export function wordsOfFault(fault: string): FaultWords {
  return Object.hasOwn(faultWords, fault) ? faultWords[fault as FlowFault] : faultWords.other;
}
