import { isSecretName } from "../util/secret-name.ts";
import { type FieldPath, segmentText } from "./field-path.ts";

/** Characters of an annotation: what is longer, or looks like JSON, is for programs, and may hold anything. */
const longestAnnotation = 64;

/** `secretName`, `tokenSecretRef`, `tokenExpirationSeconds`: about a secret, and not one. */
const aboutSecret = /(name|names|ref|refs|namespace|seconds|class|type|mode)$/i;
const reference = /(ref|refs)$/i;
/** Of a Pod: their items are named by what they are for, and hold no secret by that. */
const programs = new Set([
  ...["containers", "initContainers", "ephemeralContainers", "ports"],
  ...["volumes", "volumeMounts", "volumeDevices", "imagePullSecrets"],
]);

/** `password=x`, `"token": "x"`, `--api-key x`; what an HTTP header proves who one is by; a URL with a user in it. */
const secretTexts: readonly RegExp[] = [
  /(pass|pwd|token|secret|api[-_]?key)\w*["']?\s*[:=]/i,
  /--[\w-]*(pass|pwd|token|secret|api[-_]?key)[\w-]*\s/i,
  /^\s*(basic|bearer)\s/i,
  /:\/\/[^/?#\s]*@/,
];

/** True for what may hold a secret: that it has changed is told, and its value is not shown. */
export function isSensitive(path: FieldPath, value: unknown): boolean {
  return isForPrograms(path) || holdsSecretText(path, value) || (typeof value !== "boolean" && isNamedSecret(path));
}

/** Places that may hold anything, whatever their name is. */
function isForPrograms(path: FieldPath): boolean {
  const [first, last, before, list] = [path[0], path.at(-1), path.at(-2), path.at(-3)];
  if (first === "data" || first === "binaryData" || first === "stringData") return true;
  if (last === "args" || last === "command") return true;
  if (last === "value" && typeof before === "object" && list === "env") return true;
  const isHeader = (segment: FieldPath[number]): boolean => typeof segment === "string" && /header/i.test(segment);
  return last === "value" ? path.some(isHeader) : typeof before === "string" && /headers$/i.test(before);
}

function holdsSecretText(path: FieldPath, value: unknown): boolean {
  const [first, second] = path;
  // `example.com/token:1.2` is no token.
  if (path.at(-1) === "image") return false;
  const isAnnotation = first === "metadata" && second === "annotations";
  return [value].flat().some((one) => {
    if (typeof one !== "string") return false;
    // A file of settings, a key, a script.
    if (one.includes("\n")) return true;
    if (isAnnotation && (one.length > longestAnnotation || /^\s*[[{]/.test(one))) return true;
    return secretTexts.some((pattern) => pattern.test(one));
  });
}

/** It, or what it lies in, is called a password or the like, and it is no reference to one. */
function isNamedSecret(path: FieldPath): boolean {
  const at = path.findLastIndex((segment, index) => {
    const name = segmentText(segment);
    if (typeof segment === "object" && programs.has(segmentText(path[index - 1] ?? ""))) return false;
    return isSecretName(name) && !aboutSecret.test(name);
  });
  if (at === -1) return false;
  const [last] = path.slice(-1);
  if (typeof last === "string" && aboutSecret.test(last)) return false;
  return !path.slice(at + 1).some((segment) => typeof segment === "string" && reference.test(segment));
}
