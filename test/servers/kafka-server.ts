import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "../control-plane/free-port.ts";
import { type ServerProcess, startServerProcess } from "../control-plane/server-process.ts";
import { startWatchdog } from "../control-plane/watchdog.ts";
import { createCertificateAuthority, issueServerCertificate } from "../support/certificates.ts";
import { kafkaJars } from "./kafka-jars.ts";
import { needProgram } from "./need-program.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

/** A real Apache Kafka of one broker that this process started, and that ends with it. */
export interface KafkaServer {
  /** `127.0.0.1:PORT`, without TLS, through the proxy, which is where the broker says it is. */
  readonly broker: string;
  readonly proxy: TcpProxy;
  /** `127.0.0.1:PORT` for TLS with a user and a password. */
  readonly secureBroker: string;
  readonly user: { readonly username: string; readonly password: string };
  /** PEM file of the authority that signed its certificate. */
  readonly caFile: string;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again on the same ports and data. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const user = { username: "kev", password: "only-for-tests" };
/** A broker of few topics needs little. */
const javaFlags = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];

export async function startKafka(): Promise<KafkaServer> {
  const java = needProgram("java", "apt-get install default-jre-headless");
  const classes = ["-cp", join(await kafkaJars(), "*")];
  const dir = await mkdtemp(join(tmpdir(), "kev-kafka-"));
  const watchdog = startWatchdog(dir);
  const [port, securePort, controllerPort] = [await freePort(), await freePort(), await freePort()];
  const proxy = await startTcpProxy(() => port);
  const config = join(dir, "server.properties");
  const caFile = join(dir, "ca.pem");
  let server: ServerProcess | undefined;

  async function start(): Promise<void> {
    const args = [...javaFlags, ...classes, "kafka.Kafka", config];
    server = startServerProcess({ name: "kafka", path: java, args, dir, watchdog });
    // It listens once it is ready.
    await server.waitUntil("take connections", () => accepts(securePort));
  }

  async function stop(): Promise<void> {
    await server?.kill();
    await watchdog.disarm();
    await proxy.close();
    await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  try {
    const authority = await createCertificateAuthority();
    const { certificate, key } = await issueServerCertificate(authority, ["127.0.0.1"]);
    await writeFile(caFile, authority.certificate);
    const settings = {
      ...settingsOf({ dir, port, advertisedPort: proxy.port, securePort, controllerPort }),
      "ssl.keystore.certificate.chain": oneLine(certificate),
      "ssl.keystore.key": oneLine(key),
    };
    await writeFile(
      config,
      Object.entries(settings)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(""),
    );
    const scram = ["SCRAM-SHA-256", "SCRAM-SHA-512"].flatMap((mechanism) => {
      return ["--add-scram", `${mechanism}=[name=${user.username},password=${user.password}]`];
    });
    const format = ["kafka.tools.StorageTool", "format", "-t", "AAAAAAAAAAAAAAAAAAAAAQ", "-c", config, ...scram];
    await promisify(execFile)(java, [...javaFlags, ...classes, ...format]);
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    broker: `127.0.0.1:${proxy.port}`,
    proxy,
    secureBroker: `127.0.0.1:${securePort}`,
    user,
    caFile,
    kill: async () => server?.kill(),
    start,
    stop,
  };
}

interface Places {
  dir: string;
  port: number;
  advertisedPort: number;
  securePort: number;
  controllerPort: number;
}

function settingsOf({ dir, port, advertisedPort, securePort, controllerPort }: Places): Record<string, string> {
  const login = `username="${user.username}" password="${user.password}"`;
  const sasl = "listener.name.secure";
  return {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAIN://127.0.0.1:${port},SECURE://127.0.0.1:${securePort},CONTROLLER://127.0.0.1:${controllerPort}`,
    "advertised.listeners": `PLAIN://127.0.0.1:${advertisedPort},SECURE://127.0.0.1:${securePort}`,
    "listener.security.protocol.map": "PLAIN:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "PLAIN",
    "controller.listener.names": "CONTROLLER",
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
    [`${sasl}.plain.sasl.jaas.config`]: `${loginModule("plain.Plain")} ${login} user_${user.username}="${user.password}";`,
    [`${sasl}.scram-sha-256.sasl.jaas.config`]: `${loginModule("scram.Scram")};`,
    [`${sasl}.scram-sha-512.sasl.jaas.config`]: `${loginModule("scram.Scram")};`,
    "ssl.keystore.type": "PEM",
    "log.dirs": join(dir, "data"),
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
  };
}

function loginModule(name: string): string {
  return `org.apache.kafka.common.security.${name}LoginModule required`;
}

/** PEM as properties files have it. */
function oneLine(pem: string): string {
  return pem.trim().replaceAll("\n", "\\n");
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
