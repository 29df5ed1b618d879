import { usageError } from "../util/errors.ts";
import type { ResourceType } from "./resource-type.ts";

/**
 * The path of an object, or of its whole collection when there is no name: `/apis/apps/v1/namespaces/prod/deployments/x`.
 * Each part is percent-encoded. Cluster-scoped types ignore the namespace; a namespaced type without one means all
 * namespaces.
 *
 * Throws a usage error for a name or namespace that would lead to another path: empty, `.`, `..`, or with `/` or `%`.
 */
export function objectPath(
  type: Pick<ResourceType, "group" | "version" | "plural" | "namespaced">,
  namespace: string | undefined,
  name?: string,
): string {
  const parts = type.group === "" ? ["api", type.version] : ["apis", type.group, type.version];
  if (type.namespaced && namespace !== undefined) {
    checkSegment("namespace", namespace);
    parts.push("namespaces", namespace);
  }
  parts.push(type.plural);
  if (name !== undefined) {
    checkSegment("resource name", name);
    parts.push(name);
  }
  return `/${parts.map(encodeURIComponent).join("/")}`;
}

// Texts of client-go's rest/request.go. The check is not cosmetic: encodeURIComponent("..") is "..", and a proxy in
// between may decode %2F.
function checkSegment(what: string, segment: string): void {
  if (segment === "") throw usageError(`${what} may not be empty`);
  const problems =
    segment === "." || segment === ".."
      ? [`may not be '${segment}'`]
      : ["/", "%"].filter((mark) => segment.includes(mark)).map((mark) => `may not contain '${mark}'`);
  if (problems.length > 0) throw usageError(`invalid ${what} ${JSON.stringify(segment)}: [${problems.join(" ")}]`);
}
