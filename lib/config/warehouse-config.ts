import { z } from "zod";
import { warehouseCapacity } from "./values.ts";

/** Capacity of the warehouse (Redshift Serverless). The network is checked against it: its subnets are not easily made larger. */
export const warehouseConfigSchema = z
  .strictObject({
    /** What a query finds at the least. Default: 8. */
    baseCapacityInRpu: warehouseCapacity.default(8),
    /** What it may grow to. Default: 64. */
    maximumCapacityInRpu: warehouseCapacity.default(64),
  })
  .refine(({ baseCapacityInRpu, maximumCapacityInRpu }) => baseCapacityInRpu <= maximumCapacityInRpu, {
    error: "must not be less than baseCapacityInRpu",
    path: ["maximumCapacityInRpu"],
  });
