// Run by mongosh against the first member: initiates the replica set if that was never done, and returns once the set
// has a primary. Safe to run again at any time, which the Job of every `kubectl apply` and compose's health check do.
//
// All members are named at once, on purpose. MongoDB then asks each of them first, and refuses if one cannot be reached
// or has data or a configuration already. So a first member that lost its disk never founds an empty second set beside
// the other members' data; it hears from them and copies their data instead. Initiating one member and adding the
// others later has no such guard.

const replicaSet = process.env.REPLICA_SET;
const hosts = process.env.REPLICA_SET_HOSTS.split(',');

function initiated() {
  try {
    return rs.status().ok === 1;
  } catch (error) {
    if (error.codeName === 'NotYetInitialized') return false;
    throw error;
  }
}

if (!initiated()) {
  rs.initiate({ _id: replicaSet, members: hosts.map((host, number) => ({ _id: number, host })) });
  print(`initiated the replica set ${replicaSet} of ${hosts.join(', ')}`);
}

// Who runs this bounds the wait.
while (!db.hello().primary) sleep(500);
