/**
 * What 0.1 would meet in this release's data, and what it does with it: tests/scenarios/rollback-to-01.load.test.ts tries each on
 * 0.1. `blocks`: a promise would break, or something could not be settled. `differs`: 0.1 keeps the promises, but somebody should
 * know.
 */
export const rollbackRules = {
  setting_on: {
    severity: 'blocks',
    meaning:
      '0.1 does not know this setting: unset it on all replicas, and see that buyers and peers get along',
  },
  replica_paused: {
    severity: 'blocks',
    meaning: 'somebody has paused this replica: 0.1 would send the events that it keeps back',
  },
  replica_on_jetstream: {
    severity: 'blocks',
    meaning: '0.1 knows NATS Streaming alone: move back first, as docs/moving-to-jetstream.md says',
  },
  hold_kept: {
    severity: 'blocks',
    meaning:
      '0.1 refuses these tickets for ever: set EVENT_SPACING_SECONDS=0 on all replicas, and wait for some seconds',
  },
  ticket_withdrawn: {
    severity: 'blocks',
    meaning:
      '0.1 sells these tickets, and lets payments buy them: take them from sale in the tickets service, then offer them here',
  },
  refund_message_set_aside: {
    severity: 'blocks',
    meaning: '0.1 cannot replay payment:refunded: replay or discard these dead letters first',
  },
  order_unreadable: {
    severity: 'blocks',
    meaning: 'nobody can say what 0.1 does with these: mend them first, `npm run audit` says what is wrong',
  },
  sale_undone: {
    severity: 'differs',
    meaning:
      'paid orders that were cancelled: 0.1 frees their tickets and shows them cancelled; its audit reports history_fits_version, and a republish that meets an undone sale ends there',
  },
  hold_extended: {
    severity: 'differs',
    meaning: 'pending orders: 0.1 ends them when they were extended to, and extends none',
  },
  extension_waits: {
    severity: 'differs',
    meaning: 'order:hold-extended in outboxes: 0.1 sends it; until then its audit reports events_fit_history',
  },
  events_wait: {
    severity: 'differs',
    meaning:
      '0.1 sends these events with the statuses of the contract, whatever STATUS_NAMES was, and without a spacing',
  },
  refund_open: {
    severity: 'differs',
    meaning: '0.1 does not listen to payment:refunded: it stays due until this release is back',
  },
  refund_completed: {
    severity: 'differs',
    meaning:
      '0.1 takes these refunds for due: its audit names them, and its republish asks for the money again',
  },
  payment_without_charge: {
    severity: 'differs',
    meaning: '0.1 sets payment:created without stripeChargeId aside: does the payments service send it?',
  },
} as const satisfies Record<string, { severity: 'blocks' | 'differs'; meaning: string }>;

export type RollbackRule = keyof typeof rollbackRules;
