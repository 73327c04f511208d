import { z } from 'zod';
import { readVariables, type Variables, whole } from './platform/process/environment.ts';

export interface RefundConfig {
  /**
   * A refund counts as overdue when it was asked for this long ago, in milliseconds, and nobody told that the money was given
   * back. 0: none ever is, since the payments service does not tell.
   */
  refundAlertMs: number;
}

/** The variables about refunds, for a schema of the environment. */
export const refundVariables = {
  // A year: whoever gives nothing back within it does not want the alert.
  REFUND_ALERT_SECONDS: whole(0, 31_536_000, 0, ' seconds'),
};

export function toRefundConfig({ REFUND_ALERT_SECONDS }: { REFUND_ALERT_SECONDS: number }): RefundConfig {
  return { refundAlertMs: REFUND_ALERT_SECONDS * 1_000 };
}

/**
 * What a command needs that judges refunds.
 *
 * @throws BadConfig
 */
export function readRefundConfig(variables: Variables): RefundConfig {
  return toRefundConfig(readVariables(z.object(refundVariables), variables));
}
