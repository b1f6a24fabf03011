import { MemoryObjectStore } from "../memory-object-store.ts";
import { describeLargeObjectStore, describeObjectStore } from "../object-store-contract.ts";

// The stand-in of other tests keeps the contract of the real stores.
const open = async () => new MemoryObjectStore({ chunkBytes: 1 << 22 });
describeObjectStore("MemoryObjectStore", open);
describeLargeObjectStore("MemoryObjectStore", open);
