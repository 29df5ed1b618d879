import { createMemoryStore } from "../../../src/route/store/memory-store.ts";
import { testStore } from "./store-contract.ts";

testStore("in memory", false, async () => ({
  open: async () => createMemoryStore(),
  remove: async () => undefined,
}));
