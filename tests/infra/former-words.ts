/**
 * Identifiers and file names that the project has given up, each with what took its place. They were this project's own
 * words for what libraries of the field have a name for. Ordinary words of English (`look`, `round`, `holder`) are not
 * here: only a reader sees whether one is used in its plain sense.
 */
export const formerWords: Record<string, string> = {
  decideAnew: 'retryOnConflict',
  mostAttempts: 'maxAttempts',
  findTogether: 'createLoader',
  gather: 'createBatcher',
  purchaseLook: 'PurchaseReader',
  viewForPurchase: 'loadPurchaseContext',
  PurchaseView: 'PurchaseContext',
  HandOff: 'OutboxNotifier',
  Occasion: 'ChangeContext',
  tendGaps: 'closeStaleGaps',
  TicketNews: 'TicketEvent',
  onJump: 'onSkippedVersions',
  Refusal: 'HttpError',
  'answers-everywhere': 'common-responses',
  'order-answers': 'order-responses',
  'open-answers': 'in-flight-responses',
  openAnswers: 'inFlightResponses',
  areOwedTo: 'hasInFlight',
  'unreadable-requests': 'client-errors',
  'message-classes': 'express-prototypes',
  askedToEnd: 'shutdownSignal',
  announceEnd: 'startDraining',
  mayGoOn: 'shouldContinue',
  EndingConnection: 'FailFastConnection',
  Verdict: 'Disposition',
  unacceptable: 'rejected',
  Reception: 'DeliveryReport',
  Delivered: 'acknowledged batch',
  removeSent: 'removeAcknowledged',
  leaseEnd: 'leaseExpiresAt',
  pastEvents: 'rebuildEvents',
  'past-events': 'rebuild-events',
  contended: 'conflict',
  key_reused: 'key_mismatch',
  inTime: 'withTimeout',
  'time/in-time': 'time/with-timeout',
  underWay: 'running, inFlight',
  maxUnderWay: 'concurrency',
  'usual-way': 'baseline',
  usualWay: 'baseline',
};

/** Forms of names that the project has given up, with what took their place. */
export const formerForms: { form: RegExp; now: string }[] = [
  { form: /\bmost[A-Z]\w*/, now: 'max…' },
  { form: /\b[A-Z]\w*Parts\b/, now: '…Deps' },
];

/** Where a word stays: what is stored, or what clients and operators see, keeps its name. */
export const outwardNames: { word: string; under: string[]; why: string }[] = [
  {
    word: 'contended',
    under: ['src/metrics/'],
    why: 'a value of the label `reason` of orders_refused_total',
  },
  {
    word: 'key_reused',
    under: ['src/metrics/', 'src/orders/http/', 'docs/', 'examples/'],
    why: 'the code of the error that clients get, and a value of the label `reason` of orders_refused_total',
  },
];
