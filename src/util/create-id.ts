import { randomBytes } from "node:crypto";
import { init } from "@paralleldrive/cuid2";

/**
 * A random id of 24 lower-case letters and digits, for names that must not collide.
 *
 * The fingerprint of the host is random bytes here: cuid2 would hash the names of all globals with it, which takes as long
 * as the rest of the id and adds nothing to them.
 */
export const createId: () => string = init({ fingerprint: randomBytes(16).toString("hex") });
