/** `node run-kept.mjs BUNDLE FOLDER ARGUMENTS`: runs a bundle as the local programs are run, with compiled code kept in the folder. */
import { runKeepingCode } from "../../scripts/compiled-code.mjs";

const [bundle = "", folder = ""] = process.argv.splice(2, 2);
runKeepingCode(bundle, folder, "all");
