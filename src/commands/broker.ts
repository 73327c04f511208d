import { parseArgs } from 'node:util';
import { brokerName } from '../connect-broker.ts';
import type { DurableLag } from '../messaging/durable-lag.ts';
import { replicaModel } from '../messaging/replicas/replica-model.ts';
import { createReplicaStore, type SeenReplica } from '../messaging/replicas/replica-store.ts';
import { readDurables } from '../read-durables.ts';
import { flag, refuseRepeated, text } from './arguments.ts';
import { readBrokerFor, withDatabase } from './connections.ts';
import { BadUsage, type CommandContext, runAndExit } from './exit-codes.ts';
import { printTo } from './output.ts';

const usage = `usage: broker lag [--monitoring <url>] [--json]
  says what the durables of all services on the broker have not handled yet, and which replicas of this service still send.
  It ends with 0, and exits with 0, only when nothing waits and no replica sends; else it exits with 1. A replica that was
  not seen for 5 minutes counts as gone.
  --monitoring   where NATS Streaming's monitoring is; unless given, port 8222 of the server in NATS_URL`;

/** The operators' look at the broker, for a move to another one. Resolves with the exit code. */
async function main(context: CommandContext): Promise<number> {
  const { args, out, signal } = context;
  const { monitoring, isJson } = readArguments(args);
  const config = readBrokerFor('broker');
  return withDatabase(context, async (database) => {
    const [durables, replicas] = await Promise.all([
      readDurables({ ...config, monitoring, signal }),
      createReplicaStore(replicaModel(database)).present(),
    ]);
    signal.throwIfAborted();
    const sending = replicas.filter(({ paused }) => !paused).length;
    const messages = durables.reduce((sum, { waiting, unacknowledged }) => sum + waiting + unacknowledged, 0);
    const broker = brokerName(config);
    await printTo(out, { isJson })({ broker, durables, replicas, messages, sending }, [
      ...durables.map((durable) => durableRow(broker, durable)),
      ...replicas.map(replicaRow),
      verdict(messages, sending),
    ]);
    return messages + sending === 0 ? 0 : 1;
  });
}

function durableRow(broker: string, { subject, durable, waiting, unacknowledged }: DurableLag): string {
  return `${broker}  ${subject}  ${durable}  ${waiting} wait, ${unacknowledged} are not acknowledged`;
}

function replicaRow({ host, pid, broker, paused, secondsAgo }: SeenReplica): string {
  return `replica  ${host}  process ${pid}  on ${broker}  ${paused ? 'paused' : 'sends'}  seen ${secondsAgo} s ago`;
}

function verdict(messages: number, sending: number): string {
  return messages + sending === 0 ? '0' : `not 0: ${messages} messages wait, ${sending} replicas send`;
}

function readArguments(args: string[]) {
  const { values, positionals, tokens } = parseArgs({
    args,
    allowPositionals: true,
    tokens: true,
    options: { monitoring: text, json: flag },
  });
  refuseRepeated(tokens);
  const [command, ...more] = positionals;
  if (command !== 'lag' || more.length > 0)
    throw new BadUsage(command ? `there is no command ${positionals.join(' ')}` : 'a command is missing');
  const { monitoring, json } = values;
  if (monitoring !== undefined && !/^https?:\/\/[^/]+\/?$/.test(monitoring))
    throw new BadUsage('--monitoring must be a URL such as http://nats-srv:8222');
  return { monitoring, isJson: json };
}

runAndExit(main, usage);
