import { brokerCases } from './broker-cases.ts';

describe('NATS Streaming:', () => brokerCases('NATS Streaming'));
