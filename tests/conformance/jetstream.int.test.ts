import { brokerCases } from './broker-cases.ts';

describe('JetStream:', () => brokerCases('JetStream'));
