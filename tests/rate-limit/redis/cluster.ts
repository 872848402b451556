import { command, freePort, type RedisServer, startRedis, until } from "./server.ts";

const slotCount = 16_384;

export interface RedisClusterServers {
  /** The three masters, and after them a replica of the first where one was asked for. */
  readonly nodes: readonly RedisServer[];
  readonly ports: readonly number[];
  readonly close: () => Promise<void>;
}

/** Starts a Redis Cluster of three masters. */
export async function startCluster({ withReplica = false } = {}): Promise<RedisClusterServers> {
  const started = await Promise.allSettled(Array.from({ length: withReplica ? 4 : 3 }, startNode));
  const nodes = started.flatMap((node) => (node.status === "fulfilled" ? [node.value] : []));
  const close = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.close()));
  };
  try {
    if (nodes.length < started.length) throw new Error("a node of the cluster did not start");
    await join(nodes, withReplica);
  } catch (error) {
    await close();
    throw error;
  }
  return { nodes, ports: nodes.map(({ port }) => port), close };
}

interface Node extends RedisServer {
  readonly busPort: string;
}

async function startNode(): Promise<Node> {
  const busPort = String(await freePort());
  const settings = [
    "--cluster-enabled",
    "yes",
    "--cluster-port",
    busPort,
    "--cluster-node-timeout",
    "1000",
    "--repl-diskless-sync-delay",
    "0",
  ];
  return { ...(await startRedis(settings)), busPort };
}

async function join(nodes: readonly Node[], withReplica: boolean): Promise<void> {
  const ports = nodes.map(({ port }) => port);
  const first = ports[0] ?? 0;
  for (const [index, port] of ports.entries()) {
    await command(port, "CLUSTER", "SET-CONFIG-EPOCH", String(index + 1));
    if (index < 3) {
      const range = [Math.ceil((slotCount * index) / 3), Math.ceil((slotCount * (index + 1)) / 3) - 1];
      await command(port, "CLUSTER", "ADDSLOTSRANGE", ...range.map(String));
    }
    // Everybody is told of everybody: gossip alone takes seconds.
    for (const other of nodes.slice(0, index)) {
      await command(port, "CLUSTER", "MEET", "127.0.0.1", String(other.port), other.busPort);
    }
  }
  const state = async (port: number): Promise<string> => String(await command(port, "CLUSTER", "INFO"));
  const isJoined = async (port: number): Promise<boolean> => {
    const info = await state(port);
    return info.includes("cluster_state:ok") && info.includes(`cluster_known_nodes:${ports.length}`);
  };
  await until(async () => (await Promise.all(ports.map(isJoined))).every(Boolean), "the cluster did not form");
  const replica = ports[3];
  if (!withReplica || replica === undefined) return;
  await command(replica, "CLUSTER", "REPLICATE", String(await command(first, "CLUSTER", "MYID")));
  await until(
    async () => String(await command(replica, "INFO", "replication")).includes("master_link_status:up"),
    "the replica did not join",
  );
}
