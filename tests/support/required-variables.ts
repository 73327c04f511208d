/** The variables that the service cannot start without; all others have their defaults. */
export const requiredVariables = {
  MONGO_URI: 'mongodb://localhost/orders',
  NATS_URL: 'nats://localhost:4222',
  NATS_CLUSTER_ID: 'ticketing',
  NATS_CLIENT_ID: 'orders-1',
  JWT_KEY: 'secret',
};
