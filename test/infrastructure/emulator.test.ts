/** What a deployment on the emulator goes without: test/deploy asserts that the emulator does refuse each of these types. */
import { describe, expect, it } from "vitest";
import { stageConfig } from "../../lib/config/stages.ts";
import { emulatorGaps } from "../../lib/emulator/gaps.ts";
import { everyResource } from "./rules/rule.ts";
import { allStacks, stacksOf, synthesise } from "./synthesise.ts";

describe("the list of what the emulator lacks", () => {
  it("names no type that no stage has", () => {
    const types = new Set(everyResource(allStacks()).map(({ Type }) => Type));
    expect(Object.keys(emulatorGaps).filter((type) => !types.has(type))).toEqual([]);
  });

  it("is all that a deployment there goes without", () => {
    const place = { account: "123456789012", region: "eu-central-1" };
    const deployed = everyResource(synthesise(stageConfig("dev", { ...place, target: "emulator" })));
    const wanted = everyResource(stacksOf("dev")).filter(({ Type }) => !(Type in emulatorGaps));
    expect(deployed.map(({ place: at }) => at).sort()).toEqual(wanted.map(({ place: at }) => at).sort());
  });
});
