import type { Build } from '../../../dev/builds.ts';
import { emptyLists } from '../../faults/history/history-file.ts';
import { incomingSubjects, outgoingSubjects, replayChannels } from '../../faults/history/replay-channels.ts';
import { takeSnapshot } from '../../faults/history/snapshot.ts';
import { watchDatabase } from '../../faults/history/watch-database.ts';
import { services } from '../../faults/nemesis/schedule.ts';
import { checkPromises, type Finding } from '../../faults/rules/check-history.ts';
import { eventsKeepTheirSpacing } from '../../faults/rules/spacing.ts';
import { untilIdle } from '../../faults/until-idle.ts';
import { atEnd } from '../../support/at-end.ts';
import { eventually } from '../../support/eventually.ts';
import { auditFlaws, runAudit } from './audit.ts';
import { type Deployment, gapTimeoutMs, holdMs, startDeployment } from './deployment.ts';
import { seed, servesOrders, startLoad } from './handover-load.ts';
import { extension, inOwnWords, newSettings, since } from './new-settings.ts';
import { cooldownFlaws, refundFlaws, refundSalesOf01 } from './orders-before.ts';
import { placedOrders, readOrders } from './read-orders.ts';

/** A message that the first was handling when it left comes again after 30 s. */
const idleWithinMs = 120_000;
/** Orders that each serves alone, and beside the other, before the test goes on. */
const ordersAlone = 50;
const ordersTogether = 150;
const minExtensions = 10;

interface Handover {
  /** They serve in this order, the second beside the first and then alone. */
  builds: [first: Build, second: Build];
  /** What serves after them, with every new setting. */
  last: Build;
  /** The folder for what the processes print. */
  logs: string;
}

/**
 * Has one build serve under load, the other join it, and the first leave, on one database and one durable; then, the other
 * gone, too, two replicas of the last with every new setting. Resolves with everything in which promises are broken, once all
 * that came in is dealt with.
 *
 * @throws when a process does not start or serves nothing
 */
export async function runHandover({ builds: [first, second], last, logs }: Handover): Promise<Finding[]> {
  const deployment = await startDeployment(logs);
  const { answers, launch, mongoUri, ...lists } = deployment;
  const watch = watchDatabase(mongoUri);
  atEnd(() => watch.stop());
  const one = await launch('service-1', first);
  const load = startLoad(deployment);
  const from = Date.now();
  await servesOrders(answers, { 'service-1': ordersAlone });
  const two = await launch('service-2', second);
  await servesOrders(answers, { 'service-1': ordersTogether, 'service-2': ordersTogether });
  const unread = await readOrders(deployment, placedOrders(deployment), services);
  await one.end();
  await servesOrders(answers, { 'service-2': ordersAlone });

  await two.end();
  const renamedAt = Date.now();
  const replicas = await Promise.all(services.map((name) => launch(name, last, newSettings)));
  const refunded = await refundSalesOf01(deployment, load.publish);
  load.useAllThatIsNew();
  await servesOrders(answers, { 'service-1': ordersAlone, 'service-2': ordersAlone });
  const extended = () => answers.filter(({ kind, status }) => kind === 'extend' && status === 200);
  await eventually(() => extended().length >= minExtensions, { withinMs: 60_000, everyMs: 100 });
  await load.end();
  const healedAt = Date.now();
  await untilDealtWith(deployment);
  const { orders } = await takeSnapshot(mongoUri);
  unread.push(...(await readOrders(deployment, orders, ['service-1'])));
  const notCooled = await cooldownFlaws(deployment, orders, renamedAt);
  await Promise.all(replicas.map((replica) => replica.end()));
  await watch.stop();

  const { history, wrongNames } = inOwnWords(
    {
      settings: {
        besideRelease01: true,
        ...{ seed, seconds: 0, holdMs, extension, gapTimeoutMs, healedAt },
        ...{ quietWindow: { from, to: healedAt }, minJudgedEvents: 0 },
      },
      ...{ ...emptyLists(), answers, poison: lists.poison, exits: lists.exits, outages: watch.outages },
      messages: await replayChannels(lists.broker, [...incomingSubjects, ...outgoingSubjects]),
      ...(await takeSnapshot(mongoUri)),
    },
    renamedAt,
  );
  const details = {
    reads: unread,
    names: wrongNames,
    'refunds of 0.1': refundFlaws(history.orders, refunded),
    cooldown: notCooled,
    spacing: eventsKeepTheirSpacing(since(history, renamedAt)),
    audit: auditFlaws(runAudit(last, mongoUri), history.orders),
  };
  return [
    ...checkPromises(history),
    ...Object.entries(details).flatMap(([rule, found]) => found.map((detail) => ({ rule, detail }))),
  ];
}

/** @throws when something is left after a while, with what it is */
async function untilDealtWith(deployment: Deployment): Promise<void> {
  const left = await untilIdle(deployment, AbortSignal.timeout(idleWithinMs));
  if (left.length > 0) throw new Error(`not dealt with after ${idleWithinMs / 1_000} s: ${left.join(', ')}`);
}
