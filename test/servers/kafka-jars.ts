import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { cacheRoot } from "../control-plane/programs.ts";
import { needProgram } from "./need-program.ts";

const pom = join(import.meta.dirname, "kafka", "pom.xml");

/** Folder of a broker's jars, fetched with Maven where they are not in the cache yet. */
export async function kafkaJars(): Promise<string> {
  const text = await readFile(pom, "utf8");
  const version = /kafka_2\.13<\/artifactId>\s*<version>([^<]+)/.exec(text)?.[1];
  const hash = createHash("sha256").update(text).digest("hex");
  const folder = join(cacheRoot(process.env), "kafka", `${version}-${hash.slice(0, 8)}`);
  if (existsSync(folder)) return folder;
  const maven = needProgram("mvn", "apt-get install maven");
  await mkdir(dirname(folder), { recursive: true });
  const partial = await mkdtemp(`${folder}-`);
  try {
    const args = ["-B", "-q", "-f", pom, "dependency:copy-dependencies", "-DincludeScope=runtime"];
    await promisify(execFile)(maven, [...args, `-DoutputDirectory=${partial}`]).catch((cause) => {
      throw new Error(`The jars of Apache Kafka cannot be fetched: ${cause.stdout}${cause.stderr}`, { cause });
    });
    await rename(partial, folder).catch((error) => {
      // Another run was faster.
      if (!existsSync(folder)) throw error;
    });
    return folder;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}
