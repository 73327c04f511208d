import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Build } from '../../dev/builds.ts';
import { freePort } from '../../dev/embedded/free-port.ts';
import { grouped } from '../faults/history/grouped.ts';
import type { Answer, History } from '../faults/history/history.ts';
import { emptyLists } from '../faults/history/history-file.ts';
import { incomingSubjects, outgoingSubjects, replayChannels } from '../faults/history/replay-channels.ts';
import { takeSnapshot } from '../faults/history/snapshot.ts';
import { watchDatabase } from '../faults/history/watch-database.ts';
import { createClient } from '../faults/load/client.ts';
import { runLoad } from '../faults/load/load.ts';
import { paymentsOfRelease01 } from '../faults/load/payment-messages.ts';
import { runPeakLoad } from '../faults/load/peak-load.ts';
import { poisonOfRelease01 } from '../faults/load/poison.ts';
import { openPublisher } from '../faults/load/publisher.ts';
import { scriptedPeers } from '../faults/load/scripted-peers.ts';
import type { ServiceName } from '../faults/nemesis/schedule.ts';
import { createServiceProcess, type ServiceProcess } from '../faults/nemesis/service-process.ts';
import { untilIdle } from '../faults/until-idle.ts';
import { untilReady } from '../faults/until-ready.ts';
import { atEnd } from '../support/at-end.ts';
import { eventually } from '../support/eventually.ts';
import { type OwnBroker, startOwnBroker } from '../support/own-broker.ts';
import { testConfig } from '../support/running-service.ts';

const seed = 1;
const holdMs = 3_000;
/** Longer than the test: whatever comes out of order is applied in order, without a jump. */
const gapTimeoutMs = 600_000;
/** A message that the first was handling when it left comes again after 30 s. */
const idleWithinMs = 120_000;
const requestsInFlight = 32;
const ticketsInDemand = 50;
/** Orders that each serves alone, and beside the other, before the test goes on. */
const ordersAlone = 50;
const ordersTogether = 150;

/**
 * Has one build serve under load, the other join it, and the first leave, on one database and one durable. Resolves
 * with all that happened, once all that came in is dealt with.
 *
 * @throws when a process does not start or serves nothing
 */
export async function runHandover(first: Build, second: Build, logs: string): Promise<History> {
  const handover = await prepare(logs);
  const { exits, answers, poison, broker, mongoUri } = handover;
  const watch = watchDatabase(mongoUri);
  atEnd(() => watch.stop());
  const one = await handover.launch('service-1', first);
  const load = startLoad(handover);
  const from = Date.now();
  await servesOrders(answers, { 'service-1': ordersAlone });
  const two = await handover.launch('service-2', second);
  await servesOrders(answers, { 'service-1': ordersTogether, 'service-2': ordersTogether });
  await one.end();
  await servesOrders(answers, { 'service-2': ordersAlone });
  await load.end();
  const healedAt = Date.now();
  const left = await untilIdle({ broker, mongoUri, poison }, AbortSignal.timeout(idleWithinMs));
  if (left.length > 0) throw new Error(`not dealt with after ${idleWithinMs / 1_000} s: ${left.join(', ')}`);
  await two.end();
  await watch.stop();
  return {
    settings: {
      besideRelease01: true,
      ...{ seed, seconds: 0, holdMs, gapTimeoutMs, healedAt },
      ...{ quietWindow: { from, to: healedAt }, minJudgedEvents: 0 },
    },
    ...{ ...emptyLists(), answers, poison, exits, outages: watch.outages },
    messages: await replayChannels(broker, [...incomingSubjects, ...outgoingSubjects]),
    ...(await takeSnapshot(mongoUri)),
  };
}

interface Handover extends Pick<History, 'answers' | 'poison' | 'exits'> {
  broker: OwnBroker;
  mongoUri: string;
  jwtKey: string;
  urls: Record<ServiceName, string>;
  /** Starts a build, and resolves once it is ready. */
  launch(name: ServiceName, build: Build): Promise<ServiceProcess>;
}

async function prepare(logs: string): Promise<Handover> {
  const broker = await startOwnBroker();
  const { mongoUri } = testConfig();
  const jwtKey = randomBytes(32).toString('hex');
  const { answers, poison, exits } = emptyLists();
  const ports = { 'service-1': await freePort(), 'service-2': await freePort() };
  const urlOf = (name: ServiceName) => `http://127.0.0.1:${ports[name]}`;
  return {
    ...{ answers, poison, exits, broker, mongoUri, jwtKey },
    urls: { 'service-1': urlOf('service-1'), 'service-2': urlOf('service-2') },
    async launch(name, { entry }) {
      const service = await createServiceProcess({
        ...{ name, entry, logFile: join(logs, `${name}.log`), onExit: (exit) => exits.push(exit) },
        variables: {
          PORT: String(ports[name]),
          MONGO_URI: mongoUri,
          NATS_URL: broker.url,
          NATS_CLUSTER_ID: broker.clusterId,
          NATS_CLIENT_ID: name,
          JWT_KEY: jwtKey,
          ORDER_HOLD_SECONDS: String(holdMs / 1_000),
          TICKET_GAP_TIMEOUT_SECONDS: String(gapTimeoutMs / 1_000),
          LOG_LEVEL: 'warn',
          SHUTDOWN_DELAY_SECONDS: '0',
        },
      });
      atEnd(() => service.stop());
      service.restart();
      await untilReady(urlOf(name), exits);
      return service;
    },
  };
}

/** The fault suite's load, without gaps that would keep the test waiting, and a peak load beside it. */
function startLoad(handover: Handover): { end(): Promise<void> } {
  const over = new AbortController();
  const { publish, close } = openPublisher(handover.broker);
  const peers = scriptedPeers({
    ...{ publish, makePayment: paymentsOfRelease01, holdMs },
    ...{ chanceOfGap: () => 0, chanceOfRefund: 0 },
  });
  const parts = {
    ...{ ...handover, seed, holdMs, publish, peers, client: createClient(handover) },
    chanceOfExtension: 0,
  };
  const work = Promise.allSettled([
    runLoad({ ...parts, poisonKinds: poisonOfRelease01 }, over.signal),
    runPeakLoad({ ...parts, inFlight: requestsInFlight, ticketsInDemand, pauseMs: 0 }, over.signal),
  ]);
  let ended: Promise<void> | undefined;
  async function finish(): Promise<void> {
    over.abort();
    const outcomes = await work;
    await close();
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }
  const end = () => (ended ??= finish());
  atEnd(end);
  return { end };
}

/**
 * Resolves when each of the named services has placed so many more orders.
 *
 * @throws when they have not within a minute, with what came of the requests instead
 */
async function servesOrders(answers: Answer[], wanted: Partial<Record<ServiceName, number>>): Promise<void> {
  const from = answers.length;
  const placedBy = (name: string) =>
    answers.slice(from).filter(({ service, status }) => service === name && status === 201).length;
  const done = () => Object.entries(wanted).every(([name, count]) => placedBy(name) >= count);
  await eventually(done, { withinMs: 60_000, everyMs: 100 }).catch((cause: unknown) => {
    const outcomes = grouped(
      answers.slice(from),
      ({ service, kind, status }) => `${service} ${kind} ${status}`,
    );
    const counts = [...outcomes].map(([outcome, { length }]) => `${outcome}: ${length}`).join(', ');
    throw new Error(`not the orders that were wanted (${JSON.stringify(wanted)}), but ${counts}`, { cause });
  });
}
