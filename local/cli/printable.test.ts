import { expect, test } from "vitest";
import { printable } from "./printable.ts";

test("control characters are told by their code; line ends, tabs and letters of all languages stay", () => {
  expect(printable("Quelle\u001b[31m\u0007\u009b \r")).toBe("Quelle\\x1b[31m\\x07\\x9b \\x0d");
  expect(printable("Öffnungsrate\t顧客\n")).toBe("Öffnungsrate\t顧客\n");
});
